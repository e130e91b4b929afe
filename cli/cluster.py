"""A private PostGIS: own data folder, unix socket only, started and stopped under a lock, shared by holders.

    home/             the caller's: the lock, the holders' file
    home/postgres/    0700, the server account's: data/, the socket, server.log

Whoever starts the cluster holds it until they stop it; the last one to stop it stops the server. A killed
holder lets go by itself (the kernel drops its lock), and the next start takes over what it left behind.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psycopg
from psycopg.conninfo import make_conninfo

from cli import tuning
from cli.errors import ClusterError
from cli.postgres import Installation, find_installation

PORT = 54321  # only the end of the socket's name: the server listens on no network
START_S = 300  # recovery after a killed import takes its time
ORPHANS_S = 30  # how long the children of a killed postmaster may take to notice
SOCKET_BYTES = 107  # sun_path less its closing zero


class Cluster:
    """The PostGIS of the folder `home`, made on its first start. `durable=False`: the data may be lost."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.absolute()
        self.durable = durable
        self.folder = self.home / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.name = f"diachinh-{hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]}"
        self._hold: int | None = None

    def conninfo(self, database: str = "postgres") -> str:
        """libpq's words for a connection to `database` through the socket."""
        return make_conninfo("", host=str(self.folder), port=PORT, user="postgres", dbname=database)

    def start(self) -> None:
        """The server answers, and is held until `stop`: made, recovered or taken over where need be.

        Raises: ClusterError where PostGIS is missing, the folder is not ours or the server does not come up.
        """
        self._refuse_long_socket()
        with self._locked():
            self._start_until_it_answers()
            if self._hold is None:
                self._hold = os.open(self.home / "holders", os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._hold, fcntl.LOCK_SH)

    def revive(self) -> bool:
        """Whether the server had ended while it was held; then it answers again. Costs next to nothing where it lives.

        Raises: ClusterError where it does not come up, or its folder was removed: nothing is made anew under a command.
        """
        if self._postmaster() is not None:
            return False
        if not self.data.is_dir():
            raise ClusterError(
                f"Thư mục dữ liệu {self.data} đã bị xóa khi đang chạy; hãy dừng lệnh này và chạy lại.",
                f"The data folder {self.data} was removed while it was in use; stop this command and run it again.",
            )
        with self._locked():
            if self._postmaster() is not None:  # another holder was faster
                return False
            self._start_until_it_answers()
            return True

    def stop(self, *, discard: bool = False) -> bool:
        """Let go; True where nobody else held the server and it was stopped; `discard`: and removed."""
        hold, self._hold = self._hold, None
        if hold is None:
            return False
        with self._locked():
            try:
                # While the lock is ours no new holder can come: all others have let go, or we are not last.
                fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            finally:
                os.close(hold)
            if self._postmaster() is not None:
                program = find_installation(self._version())
                program.run([str(program.bin / "pg_ctl"), "-D", str(self.data), "-w", "-m", "fast", "stop"])
            if discard:
                shutil.rmtree(self.home, ignore_errors=True)
            return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One starter or stopper at a time, over all processes."""
        while True:
            self._own_home()
            lock = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                # The one before us may have removed the folder, and this file with it.
                if _same_file(lock, self.home / "lock"):
                    yield
                    return
            finally:
                os.close(lock)

    def _own_home(self) -> None:
        """The folder stands and is ours: anyone may write in /var/tmp, and its name can be guessed."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        status = self.home.lstat()
        if status.st_uid != os.geteuid() or self.home.is_symlink():
            raise ClusterError(
                f"Thư mục {self.home} thuộc người dùng khác; hãy đặt DIACHINH_HOME sang thư mục của bạn.",
                f"The folder {self.home} belongs to another user; set DIACHINH_HOME to a folder of yours.",
            )

    def _make(self, program: Installation) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.folder, program.account.pw_uid, program.account.pw_gid)
        if program.run(["test", "-w", str(self.folder)]).returncode != 0:
            raise ClusterError(
                f"Tài khoản {program.account.pw_name} không vào được {self.folder}; "
                "hãy đặt DIACHINH_HOME ngoài thư mục riêng, ví dụ trong /var/tmp hoặc /srv.",
                f"The account {program.account.pw_name} cannot enter {self.folder}; "
                "set DIACHINH_HOME outside private folders, for example in /var/tmp or /srv.",
            )
        unfinished = self.folder / "data.unfinished"  # a killed initdb leaves nothing that looks whole
        shutil.rmtree(unfinished, ignore_errors=True)
        arguments = ["-D", str(unfinished), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        arguments += ["--locale-provider=icu", "--icu-locale=vi-VN", *([] if self.durable else ["--no-sync"])]
        made = program.run([str(program.bin / "initdb"), *arguments])
        if made.returncode != 0:
            raise self._failure("tạo", "made", made.stderr)
        unfinished.rename(self.data)

    def _start_until_it_answers(self) -> None:
        """Asking is the only proof: a server killed this instant still looks alive, one left behind may recover."""
        give_up = time.monotonic() + START_S
        while True:
            if self._postmaster() is None:
                program = find_installation(self._version())
                if not self.data.is_dir():
                    self._make(program)
                self._launch(program)
            try:
                psycopg.connect(self.conninfo(), connect_timeout=10).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > give_up:
                    raise self._failure("khởi động", "started", str(error)) from None
                time.sleep(0.05)

    def _launch(self, program: Installation) -> None:
        lines = tuning.of_this_machine(durable=self.durable) | {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "unix_socket_permissions": "0700",
            "port": str(PORT),
            "cluster_name": self.name,  # stands in the title of every child, see _processes
        }
        (self.data / "postgresql.conf").write_text(tuning.as_file(lines), encoding="utf-8")
        # Without -l the server would keep our pipe open, and we would wait for it for ever.
        command = [str(program.bin / "pg_ctl"), "-D", str(self.data), "-l", str(self.log)]
        give_up = time.monotonic() + ORPHANS_S
        command += ["-w", "-t", str(START_S), "start"]
        while (done := program.run(command, START_S + 60)).returncode != 0:
            if self._processes() and time.monotonic() < give_up:
                time.sleep(0.2)
            elif not self._processes() and (self.data / "postmaster.pid").exists():
                # Its process is a zombie nobody reaps, or the number is a stranger's since a reboot, and
                # PostgreSQL would refuse for ever. No process of this folder is left that could write.
                (self.data / "postmaster.pid").unlink()
                (self.folder / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
            else:
                raise self._failure("khởi động", "started", done.stderr)

    def _version(self) -> int | None:
        """Major version the data belong to; None where there are none yet."""
        file = self.data / "PG_VERSION"
        return int(file.read_text(encoding="ascii")) if file.exists() else None

    def _pid_lines(self) -> list[str]:
        try:
            text = (self.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return []
        return [line.strip() for line in text.splitlines()]

    def _postmaster(self) -> int | None:
        """Process number of the living server of this folder."""
        lines = self._pid_lines()
        pid = int(lines[0]) if lines and lines[0].isdigit() else 0
        return pid if self._is_ours(pid) else None

    def _processes(self) -> set[int]:
        """The living postmaster and children of this folder, by their titles (a zombie has none)."""
        return {
            int(folder.name) for folder in Path("/proc").glob("[0-9]*") if self._is_ours(int(folder.name))
        }

    def _is_ours(self, pid: int) -> bool:
        """Whether the process `pid` lives and belongs to this folder's server."""
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False  # it ended
        child, data = f"postgres: {self.name}: ".encode(), os.fsencode(self.data)
        return words.startswith(child) or words.split(b"\0")[1:3] == [b"-D", data]

    def _refuse_long_socket(self) -> None:
        socket = self.folder / f".s.PGSQL.{PORT}"
        if (size := len(os.fsencode(socket))) > SOCKET_BYTES:
            raise ClusterError(
                f"Đường dẫn socket dài {size} byte, tối đa {SOCKET_BYTES}: {socket}; "
                "hãy đặt DIACHINH_HOME ngắn hơn.",
                f"The socket's path has {size} bytes, {SOCKET_BYTES} at most: {socket}; "
                "set a shorter DIACHINH_HOME.",
            )

    def _failure(self, verb_vi: str, verb_en: str, reason: str) -> ClusterError:
        log = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        texts = [text for text in [*log.splitlines(), *reason.splitlines()] if text.strip()]
        last = texts[-1] if texts else ""
        return ClusterError(
            f"Không {verb_vi} được PostgreSQL trong {self.folder}: {last} (xem {self.log})",
            f"PostgreSQL could not be {verb_en} in {self.folder}: {last} (see {self.log})",
        )


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
