"""Addresses that leave the house."""

from flask import request

from ticketing.entrypoints.http.context import config


def absolute_url(path: str) -> str:
    """``path`` at the address under which clients know us, never at one that they made up."""
    if public_url := config().public_url:
        return public_url + path
    allowed = config().allowed_hosts
    host = request.host
    if allowed and host not in allowed and host.partition(":")[0] not in allowed:
        host = allowed[0]
    return f"{request.scheme}://{host}{path}"
