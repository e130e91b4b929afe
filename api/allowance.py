"""How much one client may hand in, and how often be wrong: so much an hour, kept in memory, refilled evenly.

A client is an IPv4 address, or an IPv6 network of 64 bits. Nothing of it is stored or logged.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

from fastapi import Request

from register.errors import BusyError, NotSignedInError, WrongPasswordError

HOUR_S = 3600.0
_MOST_CLIENTS = 100_000


@dataclass(slots=True)
class Allowance:
    """What is left of `per_hour` for each client; `clock` gives seconds."""

    per_hour: float
    clock: Callable[[], float] = time.monotonic
    _used: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, host: str, amount: float) -> None:
        """Count `amount` to the client at `host`. Raises: BusyError where that is more than is left; then nothing is counted.

        More than an hour's worth at once is never taken.
        """
        name, now_s = _client(host), self.clock()
        used, at_s = self._used.pop(name, (0.0, now_s))
        used = max(0.0, used - (now_s - at_s) * self.per_hour / HOUR_S)
        over = used + amount - self.per_hour
        self._used[name] = (used, now_s) if over > 0 else (used + amount, now_s)
        if len(self._used) > _MOST_CLIENTS:  # the one that was here longest ago
            del self._used[next(iter(self._used))]
        if over > 0:
            raise BusyError(
                "So much was handed in from this address within the hour that it has to wait: try again later.",
                "Địa chỉ này đã nộp quá nhiều trong một giờ: hãy thử lại sau.",
                int(min(over / self.per_hour, 1.0) * HOUR_S) + 1,
            )

    def give_back(self, host: str, amount: float) -> None:
        """Take back that `amount` was counted to the client at `host`."""
        name = _client(host)
        if name in self._used:
            used, at_s = self._used[name]
            self._used[name] = (max(0.0, used - amount), at_s)


@dataclass(slots=True)
class Attempts:
    """Wrong passwords an hour: of one client for one name, of one client, and for one name from wherever.

    A client that signed in with a name is not held up by what others try with it.
    """

    pair: Allowance = field(default_factory=lambda: Allowance(10))
    client: Allowance = field(default_factory=lambda: Allowance(100))
    name: Allowance = field(default_factory=lambda: Allowance(100))
    _known: dict[tuple[str, str], None] = field(default_factory=dict)

    @contextmanager
    def one(self, host: str, name: str) -> Iterator[None]:
        """An attempt, which counts where the block says that it was wrong. Raises: BusyError."""
        both = (name, _client(host))
        counted = [(self.pair, "\n".join(both)), (self.client, host)]
        if both not in self._known:
            counted.append((self.name, f"\n{name}"))
        taken: list[tuple[Allowance, str]] = []
        try:
            for allowance, key in counted:
                allowance.take(key, 1)
                taken.append((allowance, key))
            yield
        except (NotSignedInError, WrongPasswordError):
            raise
        except BaseException as error:
            for allowance, key in taken:
                allowance.give_back(key, 1)
            if isinstance(error, BusyError):
                raise too_many_attempts(error.retry_after_s) from None
            raise
        for allowance, key in taken:
            allowance.give_back(key, 1)
        self._known[both] = None
        if len(self._known) > _MOST_CLIENTS:
            del self._known[next(iter(self._known))]


def too_many_attempts(retry_after_s: int) -> BusyError:
    """Why a name and password are not even looked at."""
    return BusyError(
        "Too many wrong passwords: wait as long as Retry-After says, then try again.",
        "Sai mật khẩu quá nhiều lần: hãy chờ hết thời gian trong Retry-After rồi thử lại.",
        retry_after_s,
    )


def host(request: Request) -> str:
    """The address a request came from, of the one beyond a proxy that is trusted."""
    return "" if request.client is None else request.client.host


def _client(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else address.packed[:8].hex()
