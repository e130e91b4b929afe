"""The server, the worker and PostgreSQL killed with SIGKILL at random moments, 200 times, while people correct over HTTP.

A private PostGIS as durable as in production, `diachinh serve`, `diachinh worker`, four editors and an approver without
pause, a surveyor. After each kill what was acknowledged since the last is compared with the register and the feed; at the
end everything, and all laws: see `tests.faults.laws`. A killed process keeps what it had given to the system: this is no
test of power cuts, only of processes that end anywhere.

    .venv/bin/python -m tests.bench.faults [SEED [KILLS]]
"""

import random
import secrets
import sys
import time

from tests.faults.fire import Told, under_fire
from tests.faults.office import KINDS, Kind, office

KILLS = 200
MOST_S = 1.0


def run(seed: int | None = None, kills: int = KILLS) -> int:
    """0 where nothing was lost, nothing is half and all laws hold."""
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    kinds: list[Kind] = [KINDS[n % len(KINDS)] for n in range(kills)]
    random.Random(seed).shuffle(kinds)
    print(f"seed {seed}: {', '.join(f'{kinds.count(kind)} times the {kind}' for kind in KINDS)}", flush=True)
    begun = time.perf_counter()

    told_at = 0

    def progress(n: int, acknowledged: int, failures: int) -> None:
        nonlocal told_at
        if n - told_at >= 10 or n == kills:
            told_at = n
            took = time.perf_counter() - begun
            print(
                f"{took:5.0f} s, {n:3} kills, {acknowledged:5,} acknowledged, {failures} failures", flush=True
            )

    with office() as one:
        told = under_fire(one, kinds, seed, most_s=MOST_S, progress=progress)
        _print(told)
        one.keep = bool(told.failures)
    held = not told.failures
    print(
        f"faults: {told.kills} kills, {told.ledger.acknowledged():,} corrections acknowledged, {told.lost} lost, "
        f"{told.half} half, laws {'hold' if held else 'BROKEN'} (needs 0 lost, 0 half in {KILLS})"
    )
    return 0 if held and told.kills >= KILLS else 1


def _print(told: Told) -> None:
    noted = told.ledger.copy()
    doubt = [one for one in noted if one.doubt]
    print(
        f"{len(noted):,} drafts; {len(doubt)} times nobody knew whether a correction was applied: "
        f"{sum(one.state == 'applied' for one in doubt)} are, wholly, {sum(one.state != 'applied' for one in doubt)} not at all"
    )
    print(", ".join(f"{what} {count:,}" for what, count in sorted(told.ledger.told.items())))
    often = ", ".join(f"{told.begun.count(n)} begun {n} times" for n in sorted(set(told.begun)))
    print(f"{len(told.ledger.surveys)} surveys acknowledged, each checked once: {often}")
    for failure in told.failures[:50]:
        print(failure)


if __name__ == "__main__":
    sys.exit(run(*(int(text) for text in sys.argv[1:])))
