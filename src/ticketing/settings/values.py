"""What the values of settings look like. Each parser raises ValueError that says what is wanted.

No message repeats a value that may hold a secret.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from psycopg2 import ProgrammingError
from psycopg2.extensions import parse_dsn

from ticketing.settings.addresses import NO_URL, parts, split_url

SHORTEST_SECRET = 32
POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg2")

_OPTIONS = re.compile(r"(?<=[?&]options=)[^&]*")


def directory(text: str) -> Path:
    try:
        path = Path(text).expanduser().absolute()
    except RuntimeError:  # ~somebody, whom this machine does not know
        path = None
    if path is None or not path.is_dir():
        raise ValueError(f"there is no directory {text!r}")
    return path


def choice(*known: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in known:
            raise ValueError(f"one of {', '.join(known)} is wanted, not {text!r}")
        return text.lower()

    return parse


def switch(on: str, off: str) -> Callable[[str], bool]:
    """True for the word ``on``."""
    word = choice(on, off)
    return lambda text: word(text) == on


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (
            text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most
        ):
            raise ValueError(f"a whole number from {least} to {most} is wanted, not {text!r}")
        return int(text)

    return parse


def minutes(least: int, most: int) -> Callable[[str], timedelta]:
    number = whole(least, most)
    return lambda text: timedelta(minutes=number(text))


def days(least: int, most: int) -> Callable[[str], timedelta]:
    number = whole(least, most)
    return lambda text: timedelta(days=number(text))


def timezone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # unknown; no key of a zone; a directory of zones
        raise ValueError(f"there is no time zone {text!r}; one is Europe/London") from None


def secret(text: str) -> str:
    if len(text) < SHORTEST_SECRET:
        raise ValueError(f"at least {SHORTEST_SECRET} characters are wanted, not {len(text)}")
    return text


def secrets(text: str) -> tuple[str, ...]:
    found = parts(",".join(text.splitlines()))  # in a file, many would write one a line
    if short := [number for number, key in enumerate(found, 1) if len(key) < SHORTEST_SECRET]:
        which = ", ".join(map(str, short))
        raise ValueError(f"at least {SHORTEST_SECRET} characters are wanted of number {which}")
    return found


def database_url(text: str) -> str:
    """PostgreSQL's or SQLite's."""
    return _sqlite_url(text) if text.startswith("sqlite:") else postgresql_url(text)


def postgresql_url(text: str) -> str:
    """One host or several, as PostgreSQL's own library reads it."""
    scheme, _, rest = _with_escaped_options(text).partition("://")
    if scheme not in POSTGRESQL:
        raise ValueError(f"a URL that begins with one of {', '.join(POSTGRESQL)} is wanted")
    if "#" in text:
        raise ValueError("'#' is written %23 in a URL")
    try:
        given = parse_dsn(f"postgresql://{rest}")
    except ProgrammingError:  # its message may repeat a password
        raise ValueError(NO_URL) from None
    if not re.fullmatch("[0-9,]*", given.get("port", "")):
        raise ValueError(NO_URL)
    return f"{scheme}://{rest}"


def _with_escaped_options(url: str) -> str:
    """``options=-c+x=y`` is what many write, and some libraries, but not what libpq reads.

    Elsewhere a '+' is one: in passwords.
    """
    return _OPTIONS.sub(lambda found: re.sub("[+ ]", "%20", found[0]).replace("=", "%3D"), url)


def _sqlite_url(text: str) -> str:
    url = split_url(text)
    if url.fragment:
        raise ValueError("'#' is written %23 in a URL")
    if url.netloc or url.path in ("", "/", "/:memory:"):
        raise ValueError("SQLite needs a file: sqlite:///ticketing.db, sqlite:////var/lib/x.db")
    return text


def anchored(database_url: str, home: Path) -> str:
    """SQLite's file, where its path is relative, lies in ``home``, wherever we are called from."""
    path, question_mark, options = database_url.removeprefix("sqlite:///").partition("?")
    if not database_url.startswith("sqlite:///"):
        return database_url
    return f"sqlite:///{home / path}{question_mark}{options}"
