"""Values of settings that say where somebody is: URLs, hosts, networks. As in ``values``."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import SplitResult, urlsplit

Network = IPv4Network | IPv6Network

NO_URL = "this is not a URL (special characters are written as %..)"

_EMAIL = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,189}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")


def public_url(text: str) -> str:
    """The scheme and host of it; nothing else is allowed but a trailing slash."""
    url = split_url(text)
    host = (url.hostname or "").lower()
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(
        f"[{host}]" if ":" in host else host
    ):
        raise ValueError("a URL such as https://tickets.example.org is wanted")
    if url.path.strip("/") or url.query or url.fragment or "@" in url.netloc:
        raise ValueError("only scheme, host and port are wanted: https://tickets.example.org")
    return f"{url.scheme}://{url.netloc.lower()}"


def smtp_url(text: str) -> str:
    """A mail server's. Away from this machine it is spoken to through TLS, whatever the scheme."""
    url = split_url(text)
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise ValueError("a URL such as smtp://user:password@mail.example.org:587 is wanted")
    if url.path.strip("/") or url.query or url.fragment:
        raise ValueError("only scheme, user, password, host and port are wanted")
    if (url.username is None) != (url.password is None):
        raise ValueError("a user goes with a password")
    return text


def email_address(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError(f"an address such as tickets@example.org is wanted, not {text!r}")
    return text


def hosts(text: str) -> tuple[str, ...]:
    found = parts(text.lower())
    if wrong := [host for host in found if not _HOST.fullmatch(host)]:
        raise ValueError(f"not a host name (without a port): {', '.join(map(repr, wrong))}")
    return found


def networks(text: str) -> tuple[Network, ...]:
    """An address is a network of one. Raises ValueError for a network of all, too."""
    try:
        found = tuple(map(ip_network, parts(text)))
    except ValueError:
        raise ValueError(f"addresses or networks such as 10.0.0.0/8 are wanted: {text!r}") from None
    if not all(network.prefixlen for network in found):
        raise ValueError("not everybody can be trusted to say who called")
    return found


def origins(text: str) -> tuple[str, ...]:
    """As browsers write them. Raises ValueError for a wildcard, too."""
    found = parts(text)
    if "*" in found:
        raise ValueError("each site is named, '*' is not allowed")
    try:
        return tuple(map(public_url, found))
    except ValueError:
        raise ValueError("origins such as https://shop.example.org are wanted") from None


def counter_store(text: str) -> str:
    """``memory``, or a Redis."""
    if text.lower() == "memory":
        return "memory"
    if split_url(text).scheme not in ("redis", "rediss", "redis+unix"):
        raise ValueError("memory or a URL such as redis://localhost:6379/0 is wanted")
    return text


def parts(text: str) -> tuple[str, ...]:
    """What stands between the commas."""
    return tuple(part for piece in text.split(",") if (part := piece.strip()))


def split_url(text: str) -> SplitResult:
    """Raises ValueError, which repeats nothing of it."""
    try:
        url = urlsplit(text)
        _ = url.port  # raises where it is no number
    except ValueError:  # its message may repeat a password
        raise ValueError(NO_URL) from None
    return url
