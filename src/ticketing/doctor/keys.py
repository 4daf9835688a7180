"""Whether secrets are hard to guess."""

import math
from collections import Counter
from collections.abc import Iterator

from ticketing.entrypoints.cli.findings import Finding, fault, ok, warning
from ticketing.settings import Settings

_ENOUGH_BITS = 96
_FEWEST_CHARACTERS = 10
_WELL_KNOWN = ("changeme", "change-me", "change_me", "secret", "password", "example", "your-",
               "insecure", "default", "12345678", "abcdefgh")  # fmt: skip
_MAKE_ONE = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'."


def check_keys(settings: Settings) -> Iterator[Finding]:
    about = "secrets"
    named = {"TICKETING_SECRET_KEY": settings.secret_key,
             "TICKETING_METRICS_TOKEN": settings.metrics_token}  # fmt: skip
    given = {name: value for name, value in named.items() if value}
    for name, value in given.items():
        if weakness := weakness_of(value):
            yield fault(about, f"{name} {weakness}.", _MAKE_ONE)
        else:
            yield ok(about, f"{name} looks random.")
    if len(set(given.values())) < len(given):
        yield fault(about, "Two secrets are the same.", _MAKE_ONE)
    yield from _check_old_keys(settings)


def _check_old_keys(settings: Settings) -> Iterator[Finding]:
    old = settings.old_secret_keys
    if settings.secret_key in old:
        says = "TICKETING_OLD_SECRET_KEYS holds the present key."
        yield warning("secrets", says, "A key that leaked is not retired by that: make a new one.")
    for number, key in enumerate(old, 1):
        if weakness := weakness_of(key):
            says = f"Number {number} of TICKETING_OLD_SECRET_KEYS {weakness}."
            yield fault("secrets", says, "Remove it.")
    if old:
        days = settings.refresh_token_lifetime.days
        says = f"Besides the present key, tokens of others are taken: {len(old)}."
        yield warning("secrets", says, f"Remove each old one {days} days after it signed last.")


def weakness_of(key: str) -> str | None:
    """Why somebody might guess it; None where nothing speaks for that."""
    if any(known in key.lower() for known in _WELL_KNOWN):
        return "holds words that everybody tries"
    counts = Counter(key)
    if len(counts) < _FEWEST_CHARACTERS:
        return f"has only {len(counts)} different characters"
    shares = [count / len(key) for count in counts.values()]
    if -sum(share * math.log2(share) for share in shares) * len(key) < _ENOUGH_BITS:
        return "repeats itself"
    if key[: len(key) // 2] * 2 == key[: len(key) // 2 * 2]:
        return "repeats itself"
    return None
