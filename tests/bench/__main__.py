"""Run the benchmarks: `python -m tests.bench [name …]`, all without a name.

Each is a module of this folder with `run() -> int`: it measures beside a peer in the same run, prints as its last
line `name: figures (needs bar)`, and returns 0 where the bar holds. A name's hyphens are the module's underscores.
"""

import importlib
import pkgutil
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path


def names() -> list[str]:
    """The benchmarks there are: modules here that define `run`, but for names that begin with an underscore."""
    folder = Path(__file__).parent
    modules = (m.name for m in pkgutil.iter_modules([str(folder)]) if not m.name.startswith("_"))
    return [m.replace("_", "-") for m in modules if "\ndef run(" in (folder / f"{m}.py").read_text("utf-8")]


def main(wanted: Sequence[str]) -> int:
    """0 where every bar holds, 1 where one does not, 2 for a name that is none."""
    known = names()
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"No benchmark {', '.join(unknown)}; there are: {', '.join(known) or 'none'}", file=sys.stderr)
        return 2
    missed = []
    for name in wanted or known:
        print(f"--- {name}", flush=True)
        try:
            failed = importlib.import_module(f"tests.bench.{name.replace('-', '_')}").run()
        except Exception:
            traceback.print_exc()
            failed = 1
        if failed:
            missed.append(name)
        sys.stdout.flush()
    if len(wanted) != 1:
        print(f"--- {len(wanted or known) - len(missed)} of {len(wanted or known)} bars hold", end="")
        print(f"; missed: {', '.join(missed)}" if missed else "")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
