"""Allowed hosts, and absolute URLs that name no other host.

Not Flask's TRUSTED_HOSTS: it refuses IPv6 addresses and hosts with upper-case letters, and it
cannot allow all IP addresses, as development does.
"""

import re
from functools import lru_cache
from ipaddress import ip_address

from flask import Flask, request
from werkzeug.exceptions import BadRequest

from ticketing.entrypoints.http.web.context import config

RESET_PAGE = "/password-reset"
ACCOUNT_PAGE = "/account"

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:[0-9]{1,5})?", re.IGNORECASE)


def register(app: Flask) -> None:
    app.before_request(_require_allowed_host)


def _require_allowed_host() -> None:
    """Raise BadRequest also in development unless the request has one valid Host (RFC 9112, 3.2).

    Werkzeug's host is empty where the field is missing or malformed. Of two fields the server makes
    one, with a comma in it.
    """
    host, environ = request.host, request.environ
    if not host and (environ.get("HTTP_HOST") or environ["SERVER_PROTOCOL"] == "HTTP/1.1"):
        raise BadRequest("Exactly one valid Host header is required.")
    if config().is_production and not _is_allowed(host):
        raise BadRequest("This host is not served here.")


def absolute_url(path: str) -> str:
    """Return the URL of ``path`` at the public URL or an allowed host."""
    if public_url := config().public_url:
        return public_url + path
    host = request.host
    if not _is_allowed(host):
        host = next(iter(config().known_hosts), f"localhost:{request.environ['SERVER_PORT']}")
    return f"{request.scheme}://{host}{path}"


def _is_allowed(host: str) -> bool:
    """Without allowed hosts, localhost and all IP addresses are allowed."""
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name = match[1].lower()
    allowed = config().known_hosts
    return name in allowed if allowed else name == "localhost" or _is_address(name)


@lru_cache(1000)
def _is_address(name: str) -> bool:
    try:
        return bool(ip_address(name.strip("[]")))
    except ValueError:
        return False
