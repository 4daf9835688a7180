"""Bodies that no view has read, such as that of a request which is refused.

A client that is still sending when the answer comes often loses it: its connection breaks.
"""

from collections.abc import Iterable
from typing import Any

from werkzeug.wsgi import get_content_length

from ticketing.entrypoints.http.web.proxies import Wsgi

MAX_DISCARDED_BYTES = 2 * 2**20
_PART_BYTES = 64 * 1024


class UnreadBody:
    """WSGI middleware that reads the rest of a body and discards it, before the answer is sent.

    A body of more than MAX_DISCARDED_BYTES ends the connection instead.
    """

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "CONTENT_LENGTH" not in environ and "HTTP_TRANSFER_ENCODING" not in environ:
            return self._app(environ, start_response)
        if (get_content_length(environ) or 0) > MAX_DISCARDED_BYTES:
            return self._app(environ, _closing(start_response))
        response = self._app(environ, start_response)
        if "wsgi.input_terminated" in environ:  # else reading on would wait for more
            _discard(environ["wsgi.input"])
        return response


def _closing(start_response: Any) -> Any:
    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        return start_response(status, [*headers, ("Connection", "close")], *error)

    return start


def _discard(body: Any) -> None:
    left = MAX_DISCARDED_BYTES
    while left > 0 and (part := body.read(_PART_BYTES)):
        left -= len(part)
