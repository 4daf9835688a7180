"""Settings that are valid but unwise, most of them in production, and secrets that are weak."""

import math
from collections import Counter
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

from ticketing import tracing
from ticketing.entrypoints.cli.doctor.findings import Finding, fault, ok, warning
from ticketing.settings import Settings

_ok, _warning, _fault = (partial(kind, "configuration") for kind in (ok, warning, fault))
_USUAL_PASSWORD_LENGTH = 8
_MIN_BITS = 96
_MIN_DIFFERENT_CHARACTERS = 10
_WELL_KNOWN = ("changeme", "change-me", "change_me", "secret", "password", "example", "your-",
               "insecure", "default", "12345678", "abcdefgh")  # fmt: skip
_CREATE_ONE = "Create one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'."


def check_configuration(settings: Settings) -> Iterator[Finding]:
    found = list(_general(settings))
    if settings.is_production:
        found += [*_network_and_mail(settings), *_passwords_and_limits(settings)]
    yield from found
    if not found:
        message = f"The settings are valid ({settings.env}, time zone {settings.timezone})."
        yield _ok(message)
    if not settings.is_production:
        yield _warning(
            "This is a development installation.",
            "Set TICKETING_ENV=production before you open it to the public.",
        )


def _general(settings: Settings) -> Iterator[Finding]:
    for unknown in settings.warnings:
        yield _warning(unknown, "Correct or remove it: it has no effect.")
    if settings.tracing and not tracing.is_installed():
        yield _fault(tracing.MISSING, "Install it, or set TICKETING_TRACING=off.")


def _network_and_mail(settings: Settings) -> Iterator[Finding]:
    public = urlsplit(settings.public_url or "")
    if settings.public_url is None:
        yield _warning(
            "The public URL is not set.",
            "Set TICKETING_PUBLIC_URL: until then, links use the Host header of each request.",
        )
    elif public.scheme != "https":
        yield _fault(
            "The public URL does not use TLS.",
            "Use https: passwords and tokens can be read in transit.",
        )
    if public.scheme == "https" and not settings.trusted_proxies:
        yield _warning(
            "No proxy is trusted.",
            "Set TICKETING_TRUSTED_PROXIES to the proxy that terminates TLS: until then, all "
            "clients share its rate limits, and slow clients occupy threads.",
        )
    if settings.smtp_url is None:
        yield _warning(
            "No mail server is set.",
            "Set TICKETING_SMTP_URL, so that customers can reset their passwords.",
        )


def _passwords_and_limits(settings: Settings) -> Iterator[Finding]:
    if settings.password_min_length < _USUAL_PASSWORD_LENGTH:
        yield _warning(
            f"Passwords may be as short as {settings.password_min_length} characters.",
            "Remove TICKETING_PASSWORD_MIN_LENGTH, which is for demos.",
        )
    if not settings.refuse_common_passwords:
        yield _warning(
            "Common passwords are accepted.",
            "Remove TICKETING_COMMON_PASSWORDS, which is for demos.",
        )
    if not settings.ratelimit:
        yield _fault(
            "Requests and log-ins are not limited.",
            "Remove TICKETING_RATELIMIT=off: passwords can be guessed without limit.",
        )
    elif settings.ratelimit_storage == "memory" and settings.workers > 1:
        yield _warning(
            f"Each of the {settings.workers} workers counts requests on its own.",
            "Set TICKETING_RATELIMIT_STORAGE=redis://… to count them together.",
        )


def check_secrets(settings: Settings) -> Iterator[Finding]:
    given = {
        "TICKETING_SECRET_KEY": settings.secret_key,
        "TICKETING_METRICS_TOKEN": settings.metrics_token,
    }
    secrets = {name: value for name, value in given.items() if value}
    for name, value in secrets.items():
        if weakness := weakness_of(value):
            yield fault("secrets", f"{name} {weakness}.", _CREATE_ONE)
        else:
            yield ok("secrets", f"{name} looks random.")
    if len(set(secrets.values())) < len(secrets):
        yield fault("secrets", "Two secrets are the same.", _CREATE_ONE)
    old = settings.old_secret_keys
    if settings.secret_key in old:
        yield warning(
            "secrets",
            "TICKETING_OLD_SECRET_KEYS contains the current key.",
            "That does not retire a leaked key: set a new TICKETING_SECRET_KEY.",
        )
    for number, key in enumerate(old, 1):
        if weakness := weakness_of(key):
            message = f"Key {number} of TICKETING_OLD_SECRET_KEYS {weakness}."
            yield fault("secrets", message, "Remove it.")
    if old:
        days = settings.refresh_token_lifetime.days
        yield warning(
            "secrets",
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
    bits = sum(count * math.log2(len(key) / count) for count in counts.values())
    half = len(key) // 2
    return "repeats itself" if bits < _MIN_BITS or key[:half] == key[half : 2 * half] else None
