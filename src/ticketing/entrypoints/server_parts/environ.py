"""Requests as granian's RSGI has them, made into what WSGI wants (PEP 3333)."""

import sys
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from granian.rsgi import Headers, Scope  # type: ignore[attr-defined]

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_SAME_FOR_ALL = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}
_UNREADABLE = "\xff"


def wsgi_environ(scope: Scope, body: bytes) -> "WSGIEnvironment":
    """The same request, where text is bytes in the guise of Latin-1."""
    host, port = _host_and_port(scope.server)
    given: WSGIEnvironment = {
        **_SAME_FOR_ALL,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": _host_and_port(scope.client)[0],
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
    }
    for name, value in _headers(scope.headers):
        if key := _key(name):
            between = "; " if key == "HTTP_COOKIE" else ","
            given[key] = f"{given[key]}{between}{value}" if key in given else value
    given.setdefault("HTTP_HOST", scope.authority or "")
    return given


def _headers(headers: Headers) -> Iterator[tuple[str, str]]:
    """Granian leaves out what is not ASCII; to us that is there, and wrong.

    Else a booking with such an Idempotency-Key would pass for one without.
    """
    read = headers.items()
    yield from read
    for name in set(headers.keys()).difference(name for name, _ in read):
        yield name, _UNREADABLE


@lru_cache(maxsize=256)
def _key(header: str) -> str:
    """Empty for a header that would pass itself off as another: X_Forwarded_For."""
    if "_" in header:
        return ""
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


def _host_and_port(address: str) -> tuple[str, str]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), port
