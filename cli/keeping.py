"""A private PostGIS that dies under a running command is started again: the command goes on when the database is back."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cli.cluster import Cluster
from cli.errors import ClusterError
from cli.say import say, say_error

LOOK_EVERY_S = 0.25
AGAIN_EVERY_S = 5.0


@contextmanager
def kept_running(cluster: Cluster) -> Iterator[None]:
    """While the block runs, `cluster`, which is held, is started again whenever it has ended; news of it is told."""
    stop = threading.Event()
    thread = threading.Thread(target=_keep, args=(cluster, stop), daemon=True, name="keeper")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()  # a start that is under way has to be through before the server can be stopped


def _keep(cluster: Cluster, stop: threading.Event) -> None:
    wait_s, told = LOOK_EVERY_S, ""
    while not stop.wait(wait_s):
        try:
            revived = cluster.revive()
        except (ClusterError, OSError, subprocess.SubprocessError) as error:
            if str(error) != told:
                _tell(error)
            wait_s, told = AGAIN_EVERY_S, str(error)
            continue
        wait_s, told = LOOK_EVERY_S, ""
        if revived:
            say(
                "PostgreSQL dừng đột ngột và đã được khởi động lại",
                "PostgreSQL had ended and was started again",
            )


def _tell(error: Exception) -> None:
    if isinstance(error, ClusterError):
        say_error(error.text_vi, error.text_en)
    else:
        say_error(
            f"Không khởi động lại được PostgreSQL ({error}); đang thử tiếp.",
            f"PostgreSQL could not be started again ({error}); trying on.",
        )
