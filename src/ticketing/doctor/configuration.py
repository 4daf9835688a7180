"""Settings that are right each for itself, and yet not what one wants."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from ticketing import tracing
from ticketing.entrypoints.cli.findings import Finding, fault, ok, warning
from ticketing.settings import Settings

_ABOUT = "configuration"
_USUAL_LENGTH = 8  # of passwords, at least


def check_configuration(settings: Settings) -> Iterator[Finding]:
    found = [*_unknown(settings), *_extras(settings)]
    if settings.is_production:
        found += [*_addresses(settings), *_passwords(settings), *_limits(settings)]
    yield from found
    where = f"{settings.env}, time zone {settings.timezone}"
    if not found:
        yield ok(_ABOUT, f"Nothing is wrong with the settings ({where}).")
    if not settings.is_production:
        remedy = "Set TICKETING_ENV=production before the public comes."
        yield warning(_ABOUT, "This is for development.", remedy)


def _unknown(settings: Settings) -> Iterator[Finding]:
    for unknown in settings.warnings:
        yield warning(_ABOUT, unknown, "Correct or remove it: it does nothing.")


def _extras(settings: Settings) -> Iterator[Finding]:
    if settings.tracing and not tracing.is_installed():
        yield fault(_ABOUT, tracing.MISSING, "Install it, or set TICKETING_TRACING=off.")


def _addresses(settings: Settings) -> Iterator[Finding]:
    public = urlsplit(settings.public_url or "")
    if settings.public_url is None:
        remedy = "Set TICKETING_PUBLIC_URL: links are made from what requests say."
        yield warning(_ABOUT, "The public address is not known.", remedy)
    elif public.scheme != "https":
        remedy = "Passwords and tokens can be read on their way: use https."
        yield fault(_ABOUT, "The public address is without TLS.", remedy)
    if not settings.trusted_proxies:
        remedy = (
            "Run a buffering proxy (deploy/ has nginx) and set TICKETING_TRUSTED_PROXIES to its"
            " address. Without a proxy each slow client holds a thread; without the setting all"
            " clients share the proxy's rate limits."
        )
        yield warning(_ABOUT, "No proxy is trusted.", remedy)
    if settings.smtp_url is None:
        remedy = "Set TICKETING_SMTP_URL, or nobody gets a new password by mail."
        yield warning(_ABOUT, "No mail is sent.", remedy)


def _passwords(settings: Settings) -> Iterator[Finding]:
    if settings.password_min_length < _USUAL_LENGTH:
        says = f"Passwords of {settings.password_min_length} characters are taken."
        yield warning(_ABOUT, says, "Remove TICKETING_PASSWORD_MIN_LENGTH: that is for demos.")
    if not settings.refuse_common_passwords:
        remedy = "Remove TICKETING_COMMON_PASSWORDS: that is for demos."
        yield warning(_ABOUT, "Passwords that everybody takes are allowed.", remedy)


def _limits(settings: Settings) -> Iterator[Finding]:
    if not settings.ratelimit:
        remedy = "Remove TICKETING_RATELIMIT=off: passwords can be guessed without end."
        yield fault(_ABOUT, "Nothing limits requests and log-ins.", remedy)
    elif settings.ratelimit_storage == "memory" and settings.workers > 1:
        says = f"Each of the {settings.workers} workers counts requests for itself."
        yield warning(_ABOUT, says, "Set TICKETING_RATELIMIT_STORAGE=redis://… to count together.")
