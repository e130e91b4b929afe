"""The PostgreSQL of this machine: where its programs are, and the account its server runs under."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.errors import ClusterError

OLDEST = 15
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Installation:
    """Programs of one PostgreSQL that has PostGIS, and the account that may run its server."""

    bin: Path
    version: int
    account: pwd.struct_passwd

    def run(self, command: Sequence[str], timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
        """Run `command` under the server's account: PostgreSQL refuses root.

        The folder is `/` (the account may not enter the caller's) and the environment is bare, so that no
        locale, PGDATA or PGHOST of the caller's leaks in.
        """
        as_other = os.geteuid() != self.account.pw_uid
        return subprocess.run(
            command,
            cwd="/",
            env={"PATH": f"{self.bin}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            user=self.account.pw_uid if as_other else None,
            group=self.account.pw_gid if as_other else None,
            extra_groups=[] if as_other else None,
        )


def find_installation(version: int | None = None) -> Installation:
    """The newest PostgreSQL with PostGIS, or the one of major `version`.

    Raises: ClusterError where there is none.
    """
    for number, programs in sorted(_installed().items(), reverse=True):
        if version in (None, number):
            return Installation(programs, number, _server_account())
    if version is not None:
        raise ClusterError(
            f"Dữ liệu thuộc PostgreSQL {version} nhưng máy không có bản này kèm PostGIS; "
            f"hãy cài postgresql-{version}-postgis-3.",
            f"The data belong to PostgreSQL {version}, which is not here with PostGIS; "
            f"install postgresql-{version}-postgis-3.",
        )
    raise ClusterError(
        f"Máy chưa có PostgreSQL {OLDEST}+ kèm PostGIS 3; hãy chạy `make demo` bằng root hoặc sudo, "
        "hoặc cài gói postgresql-15-postgis-3.",
        f"This machine has no PostgreSQL {OLDEST}+ with PostGIS 3; run `make demo` as root or with sudo, "
        "or install the package postgresql-15-postgis-3.",
    )


def _installed() -> dict[int, Path]:
    """Major version → programs, of those in Debian's layout and the one of `pg_config`, PostGIS at hand."""
    found: dict[int, Path] = {}
    ask = ["/bin/sh", "-c", "pg_config --version --bindir --sharedir"]
    config = subprocess.run(ask, capture_output=True, text=True, check=False)
    lines = config.stdout.splitlines()
    if len(lines) == 3 and (Path(lines[2]) / "extension/postgis.control").exists():
        digits = lines[0].split()[1].split(".")[0]
        if digits.isdigit() and (Path(lines[1]) / "initdb").exists():
            found[int(digits)] = Path(lines[1])
    for programs in DEBIAN.glob("*/bin"):
        number = programs.parent.name
        control = Path("/usr/share/postgresql") / number / "extension/postgis.control"
        if number.isdigit() and (programs / "initdb").exists() and control.exists():
            found[int(number)] = programs
    return {number: programs for number, programs in found.items() if number >= OLDEST}


def _server_account() -> pwd.struct_passwd:
    """This user, or for root the distribution's `postgres`."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise ClusterError(
            "Không có tài khoản hệ thống `postgres` để chạy cơ sở dữ liệu thay cho root; "
            "hãy cài gói postgresql của bản phân phối hoặc chạy bằng người dùng thường.",
            "There is no system account `postgres` to run the database for root; "
            "install the distribution's postgresql package or run as a normal user.",
        ) from None
