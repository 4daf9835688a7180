"""Parsers of settings. Each takes the text and raises ValueError with what it expected.

Parsers of secrets never repeat the text.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from psycopg2 import ProgrammingError
from psycopg2.extensions import parse_dsn

from ticketing.adapters.email_addresses import parse_email
from ticketing.domain.accounts.errors import InvalidEmail
from ticketing.domain.text import text_fault

Network = IPv4Network | IPv6Network

MIN_SECRET_LENGTH = 32
POSTGRESQL_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg2")

_NOT_A_URL = "this is not a valid URL (escape special characters as %XX)"
_UNESCAPED_HASH = "write '#' as %23 in a URL"
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_LIBPQ_OPTIONS = re.compile(r"(?<=[?&]options=)[^&]*")


def directory(text: str) -> Path:
    try:
        path = Path(text).expanduser().absolute()
    except (OSError, RuntimeError):  # no current directory; no home directory of ~user
        path = None
    if path is None or not path.is_dir():
        raise ValueError(f"the directory {text!r} does not exist")
    return path


def choice(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"expected {' or '.join(words)}, got {text!r}")
        return text.lower()

    return parse


def display_name(text: str) -> str:
    if fault := text_fault(text, min_length=1, max_length=100):
        raise ValueError(fault)
    return text


def switch(true: str, false: str) -> Callable[[str], bool]:
    parse = choice(true, false)
    return lambda text: parse(text) == true


def whole_number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (re.fullmatch("[0-9]{1,9}", text) and least <= int(text) <= most):
            raise ValueError(f"expected a whole number from {least} to {most}, got {text!r}")
        return int(text)

    return parse


def duration(unit: str, least: int, most: int) -> Callable[[str], timedelta]:
    parse = whole_number(least, most)
    return lambda text: timedelta(**{unit: parse(text)})


seconds, minutes, days = (partial(duration, unit) for unit in ("seconds", "minutes", "days"))


def timezone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # unknown; malformed; a directory of zones
        raise ValueError(f"expected a time zone such as Europe/London, got {text!r}") from None


def secret(text: str) -> str:
    if len(text) < MIN_SECRET_LENGTH:
        raise ValueError(f"expected at least {MIN_SECRET_LENGTH} characters, got {len(text)}")
    return text


def secrets(text: str) -> tuple[str, ...]:
    """Split at commas, and at line ends, which are usual in a file."""
    keys = items(",".join(text.splitlines()))
    for number, key in enumerate(keys, 1):
        if len(key) < MIN_SECRET_LENGTH:
            raise ValueError(f"expected at least {MIN_SECRET_LENGTH} characters in key {number}")
    return keys


def database_url(text: str) -> str:
    if not text.startswith("sqlite:"):
        return postgresql_url(text)
    url = _split_url(text)
    if url.fragment:
        raise ValueError(_UNESCAPED_HASH)
    if url.netloc or url.path in ("", "/", "/:memory:"):
        raise ValueError("expected a file: sqlite:///ticketing.db or sqlite:////var/lib/x.db")
    return text


def postgresql_url(text: str) -> str:
    """Check a URL with one or several hosts by libpq's rules."""
    scheme, _, rest = _escape_libpq_options(text).partition("://")
    if scheme not in POSTGRESQL_SCHEMES:
        raise ValueError(f"expected a URL that starts with {' or '.join(POSTGRESQL_SCHEMES)}")
    if "#" in text:
        raise ValueError(_UNESCAPED_HASH)
    try:
        parameters = parse_dsn(f"postgresql://{rest}")
    except ProgrammingError:  # its message may contain the password
        raise ValueError(_NOT_A_URL) from None
    if not re.fullmatch("[0-9,]*", parameters.get("port", "")):
        raise ValueError(_NOT_A_URL)
    return f"{scheme}://{rest}"


def _escape_libpq_options(url: str) -> str:
    """Escape ``options=-c+x=y``, which some libraries accept but libpq does not.

    Elsewhere, as in passwords, a '+' stays as it is.
    """
    return _LIBPQ_OPTIONS.sub(
        lambda options: re.sub("[+ ]", "%20", options[0]).replace("=", "%3D"), url
    )


def public_url(text: str) -> str:
    """Return the URL's scheme, host and port in lower case, without a trailing slash."""
    url = _split_url(text)
    host = url.hostname or ""
    is_host = _HOST.fullmatch(f"[{host}]" if ":" in host else host)
    if url.scheme not in ("http", "https") or not is_host:
        raise ValueError("expected a URL such as https://tickets.example.org")
    if url.path.strip("/") or url.query or url.fragment or "@" in url.netloc:
        raise ValueError("expected only scheme, host and port: https://tickets.example.org")
    return f"{url.scheme}://{url.netloc.lower()}"


def server_urls(text: str) -> tuple[str, ...]:
    urls = tuple(map(public_url, items(text)))
    if not urls:
        raise ValueError(f"expected URLs such as http://127.0.0.1:8000, got {text!r}")
    return urls


def smtp_url(text: str) -> str:
    url = _split_url(text)
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise ValueError("expected a URL such as smtp://user:password@mail.example.org:587")
    if url.path.strip("/") or url.query or url.fragment:
        raise ValueError("expected only scheme, user, password, host and port")
    if (url.username is None) != (url.password is None):
        raise ValueError("expected both a user and a password, or neither")
    return text


def rate_limit_storage(text: str) -> str:
    if text.lower() == "memory":
        return "memory"
    if _split_url(text).scheme not in ("redis", "rediss", "redis+unix"):
        raise ValueError("expected memory or a URL such as redis://localhost:6379/0")
    return text


def email_address(text: str) -> str:
    """Return the address as mail servers know it, with its domain in ASCII."""
    try:
        return parse_email(text).mailbox
    except InvalidEmail as refusal:
        fault = refusal.detail.rstrip(".")
        raise ValueError(
            f"expected an address such as tickets@example.org, got {text!r}: {fault}"
        ) from None


def hosts(text: str) -> tuple[str, ...]:
    names = items(text.lower())
    if wrong := [name for name in names if not _HOST.fullmatch(name)]:
        raise ValueError(f"expected host names without ports, got {', '.join(map(repr, wrong))}")
    return names


def networks(text: str) -> tuple[Network, ...]:
    """An address is a network of one. The network of all addresses is refused."""
    try:
        networks = tuple(map(ip_network, items(text)))
    except ValueError:
        raise ValueError(f"expected networks such as 10.0.0.0/8, got {text!r}") from None
    if not all(network.prefixlen for network in networks):
        raise ValueError("a network of all addresses cannot be trusted")
    return networks


def origins(text: str) -> tuple[str, ...]:
    """Return the origins as browsers send them."""
    names = items(text)
    if "*" in names:
        raise ValueError("name each origin, '*' is not allowed")
    try:
        return tuple(map(public_url, names))
    except ValueError:
        raise ValueError("expected origins such as https://shop.example.org") from None


def items(text: str) -> tuple[str, ...]:
    """Split at commas and skip empty items."""
    return tuple(item for part in text.split(",") if (item := part.strip()))


def _split_url(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        _ = url.port  # raises ValueError if it is not a number
    except ValueError:  # its message may contain the password
        raise ValueError(_NOT_A_URL) from None
    return url
