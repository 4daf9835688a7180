"""Settings that are valid but unwise, most of them in production."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from ticketing import tracing
from ticketing.entrypoints.cli.doctor.findings import Finding, fault, ok, warning
from ticketing.settings import Settings

_AREA = "configuration"
_USUAL_PASSWORD_LENGTH = 8


def check_configuration(settings: Settings) -> Iterator[Finding]:
    found = [*_unknown_settings(settings), *_tracing(settings)]
    if settings.is_production:
        found += [*_network(settings), *_mail(settings), *_passwords(settings), *_limits(settings)]
    yield from found
    if not found:
        yield ok(_AREA, f"The settings are valid ({settings.env}, time zone {settings.timezone}).")
    if not settings.is_production:
        yield warning(
            _AREA,
            "This is a development installation.",
            "Set TICKETING_ENV=production before you open it to the public.",
        )


def _unknown_settings(settings: Settings) -> Iterator[Finding]:
    for unknown in settings.warnings:
        yield warning(_AREA, unknown, "Correct or remove it: it has no effect.")


def _tracing(settings: Settings) -> Iterator[Finding]:
    if settings.tracing and not tracing.is_installed():
        yield fault(_AREA, tracing.MISSING, "Install it, or set TICKETING_TRACING=off.")


def _network(settings: Settings) -> Iterator[Finding]:
    public = urlsplit(settings.public_url or "")
    if settings.public_url is None:
        yield warning(
            _AREA,
            "The public URL is not set.",
            "Set TICKETING_PUBLIC_URL: until then, links use the Host header of each request.",
        )
    elif public.scheme != "https":
        yield fault(
            _AREA,
            "The public URL does not use TLS.",
            "Use https: passwords and tokens can be read in transit.",
        )
    if public.scheme == "https" and not settings.trusted_proxies:
        yield warning(
            _AREA,
            "No proxy is trusted.",
            "Set TICKETING_TRUSTED_PROXIES to the proxy that terminates TLS: until then, all "
            "clients share its rate limits, and slow clients occupy threads.",
        )


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.smtp_url is None:
        yield warning(
            _AREA,
            "No mail server is set.",
            "Set TICKETING_SMTP_URL, so that customers can reset their passwords.",
        )


def _passwords(settings: Settings) -> Iterator[Finding]:
    if settings.password_min_length < _USUAL_PASSWORD_LENGTH:
        yield warning(
            _AREA,
            f"Passwords may be as short as {settings.password_min_length} characters.",
            "Remove TICKETING_PASSWORD_MIN_LENGTH, which is for demos.",
        )
    if not settings.refuse_common_passwords:
        yield warning(
            _AREA,
            "Common passwords are accepted.",
            "Remove TICKETING_COMMON_PASSWORDS, which is for demos.",
        )


def _limits(settings: Settings) -> Iterator[Finding]:
    if not settings.ratelimit:
        yield fault(
            _AREA,
            "Requests and log-ins are not limited.",
            "Remove TICKETING_RATELIMIT=off: passwords can be guessed without limit.",
        )
    elif settings.ratelimit_storage == "memory" and settings.workers > 1:
        yield warning(
            _AREA,
            f"Each of the {settings.workers} workers counts requests on its own.",
            "Set TICKETING_RATELIMIT_STORAGE=redis://… to count them together.",
        )
