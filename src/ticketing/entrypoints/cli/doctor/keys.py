"""Whether secrets are hard to guess."""

import math
from collections import Counter
from collections.abc import Iterator

from ticketing.entrypoints.cli.doctor.findings import Finding, fault, ok, warning
from ticketing.settings import Settings

_AREA = "secrets"
_MIN_BITS = 96
_MIN_DIFFERENT_CHARACTERS = 10
_WELL_KNOWN = ("changeme", "change-me", "change_me", "secret", "password", "example", "your-",
               "insecure", "default", "12345678", "abcdefgh")  # fmt: skip
_CREATE_ONE = "Create one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'."


def check_keys(settings: Settings) -> Iterator[Finding]:
    named = {"TICKETING_SECRET_KEY": settings.secret_key,
             "TICKETING_METRICS_TOKEN": settings.metrics_token}  # fmt: skip
    given = {name: value for name, value in named.items() if value}
    for name, value in given.items():
        if weakness := weakness_of(value):
            yield fault(_AREA, f"{name} {weakness}.", _CREATE_ONE)
        else:
            yield ok(_AREA, f"{name} looks random.")
    if len(set(given.values())) < len(given):
        yield fault(_AREA, "Two secrets are the same.", _CREATE_ONE)
    yield from _check_old_keys(settings)


def _check_old_keys(settings: Settings) -> Iterator[Finding]:
    old = settings.old_secret_keys
    if settings.secret_key in old:
        yield warning(
            _AREA,
            "TICKETING_OLD_SECRET_KEYS contains the current key.",
            "That does not retire a leaked key: set a new TICKETING_SECRET_KEY.",
        )
    for number, key in enumerate(old, 1):
        if weakness := weakness_of(key):
            message = f"Key {number} of TICKETING_OLD_SECRET_KEYS {weakness}."
            yield fault(_AREA, message, "Remove it.")
    if old:
        days = settings.refresh_token_lifetime.days
        yield warning(
            _AREA,
            f"Tokens signed with old keys are accepted ({len(old)} keys).",
            f"Remove each old key {days} days after you replaced it.",
        )


def weakness_of(key: str) -> str | None:
    """Return why the key is easy to guess, or None if it looks random."""
    if any(known in key.lower() for known in _WELL_KNOWN):
        return "contains well-known words"
    counts = Counter(key)
    if len(counts) < _MIN_DIFFERENT_CHARACTERS:
        return f"has only {len(counts)} different characters"
    shares = [count / len(key) for count in counts.values()]
    if -sum(share * math.log2(share) for share in shares) * len(key) < _MIN_BITS:
        return "repeats itself"
    if key[: len(key) // 2] * 2 == key[: len(key) // 2 * 2]:
        return "repeats itself"
    return None
