"""Requests to addresses that others chose: never into our own network, never longer than a few seconds."""

import http.client
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from register.webhooks import is_public

TIMEOUT_S: Final = 10.0
_READ: Final = 4096


class Unreachable(Exception):  # noqa: N818 - a word of its own
    """It could not be sent; says why, without what was sent."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: scheme, name, port, path, and an address of that name that may be used."""

    secure: bool
    host: str
    port: int
    path: str
    address: str


def target(url: str, private: bool = False) -> Target:
    """The name is looked up here and the address kept, so that it cannot become another before it is used.

    Raises: Unreachable where the name has no address, or one of its addresses is private (unless `private`).
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"no address for {host}: {error}") from None
    addresses = [str(entry[4][0]).split("%")[0] for entry in found]
    if not addresses or not (private or all(is_public(ipaddress.ip_address(one)) for one in addresses)):
        raise Unreachable(f"{host} has a private address: nothing is sent there")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, host, port, path, addresses[0])


def post(to: Target, body: bytes, headers: dict[str, str], timeout_s: float = TIMEOUT_S) -> int:
    """The status of the answer; redirects are not followed, the answer is not kept. Blocks for `timeout_s` at most.

    Raises: Unreachable.
    """
    line = (_Secure if to.secure else _Plain)(to, timeout_s)
    watch = threading.Timer(timeout_s, line.cut)
    watch.daemon = True
    watch.start()
    try:
        line.request("POST", to.path, body, headers)
        answer = line.getresponse()
        answer.read(_READ)
        return answer.status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from None
    finally:
        watch.cancel()
        line.close()


class _Plain(http.client.HTTPConnection):
    """A line to the address that was looked up, whatever the name means by now."""

    def __init__(self, to: Target, timeout_s: float) -> None:
        super().__init__(to.host, to.port, timeout=timeout_s)
        self._to = to

    def connect(self) -> None:
        self.sock = socket.create_connection((self._to.address, self._to.port), self.timeout)

    def cut(self) -> None:
        """End it, whoever waits for it."""
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                self.sock.close()


class _Secure(_Plain):
    """The same with TLS, for the name."""

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self._to.host)
