"""The client's address and scheme behind trusted proxies.

Each proxy appends the address of its client to X-Forwarded-For. So the list is true from its end,
as far as trusted proxies wrote it; the client sent what is before, which may be anything.
X-Forwarded-Host is ignored: TICKETING_PUBLIC_URL and TICKETING_ALLOWED_HOSTS name our hosts.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from ticketing.settings.parsers import Network

Address = IPv4Address | IPv6Address
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]+)\](?::\d+)?|(?P<v4>[\d.]+):\d+")
_SCHEMES = ("http", "https")


class TrustedProxies:
    """WSGI middleware that takes the client's address and scheme from proxies in ``networks``.

    It ignores the headers of all other peers.
    """

    def __init__(self, app: Wsgi, networks: tuple[Network, ...]) -> None:
        self._app = app
        self._networks = networks
        self._address = lru_cache(10_000)(_address)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        peer = self._address(environ.get("REMOTE_ADDR", ""))
        if peer and self._is_trusted(peer):
            passed_on = environ.get("HTTP_X_FORWARDED_FOR", "")
            environ["REMOTE_ADDR"] = str(self._client(peer, passed_on))
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
            if scheme in _SCHEMES:
                environ["wsgi.url_scheme"] = scheme
        return self._app(environ, start_response)

    def _client(self, peer: Address, passed_on: str) -> Address:
        """Return the last address that is no trusted proxy, or the sender of an invalid one."""
        client = peer
        for hop in reversed(passed_on.split(",")):
            if not self._is_trusted(client) or (address := self._address(hop)) is None:
                break
            client = address
        return client

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _address(text: str) -> Address | None:
    """Parse an address with or without a port; an IPv4-mapped one becomes IPv4."""
    text = text.strip()
    if match := _WITH_PORT.fullmatch(text):
        text = match["v6"] or match["v4"]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
