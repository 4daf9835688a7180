"""Who asks, where our own proxies pass requests on.

Each of them adds the address that it was asked from to X-Forwarded-For, at the end. So that list
is true from its end on, as far as those who wrote it are ours; what is before was sent by whoever
asked them, and may be anything. X-Forwarded-Host is never believed: TICKETING_PUBLIC_URL and
TICKETING_ALLOWED_HOSTS say where we are.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from ticketing.entrypoints.http.web.context import Network

Address = IPv4Address | IPv6Address
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]+)\](?::\d+)?|(?P<v4>[\d.]+):\d+")
_SCHEMES = ("http", "https")


class TrustedProxies:
    """A WSGI application that is told the client's address and scheme by proxies in ``networks``.

    What anybody else says of them is not heard.
    """

    def __init__(self, app: Wsgi, networks: tuple[Network, ...]) -> None:
        self._app = app
        self._networks = networks
        self._address = lru_cache(10_000)(_address)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        peer = self._address(environ.get("REMOTE_ADDR", ""))
        if peer and self._is_ours(peer):
            environ["REMOTE_ADDR"] = str(
                self._client(peer, environ.get("HTTP_X_FORWARDED_FOR", ""))
            )
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
            if scheme in _SCHEMES:
                environ["wsgi.url_scheme"] = scheme
        return self._app(environ, start_response)

    def _client(self, peer: Address, passed_on: str) -> Address:
        """The last one who is not ours; of what no proxy can have written, its sender is known."""
        client = peer
        for hop in reversed(passed_on.split(",")):
            address = self._address(hop)
            if address is None:
                return client
            client = address
            if not self._is_ours(client):
                return client
        return client

    def _is_ours(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _address(text: str) -> Address | None:
    """With a port or without. An IPv4 address in IPv6's clothes is one all the same."""
    text = text.strip()
    if match := _WITH_PORT.fullmatch(text):
        text = match["v6"] or match["v4"]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
