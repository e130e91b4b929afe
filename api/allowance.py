"""How much one client may hand in: so many bytes and surveys an hour, kept in memory, refilled evenly.

A client is an IPv4 address, or an IPv6 network of 64 bits. Nothing of it is stored or logged.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

from fastapi import Request

from register.errors import BusyError

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


def host(request: Request) -> str:
    """The address a request came from, of the one beyond a proxy that is trusted."""
    return "" if request.client is None else request.client.host


def _client(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else address.packed[:8].hex()
