"""Requests as bytes, and a minimal reader of HTTP/1.1 responses.

The reader parses only the status and where the response ends.
"""

import json
from secrets import token_hex

_STATUSES_WITHOUT_BODY = (204, 304)  # even if they have a Content-Length


def request(
    method: str, path: str, body: object = None, token: str = "", if_none_match: str = ""
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if if_none_match:
        lines.append(f"If-None-Match: {if_none_match}")
    content = b""
    if body is not None:
        content = json.dumps(body).encode()
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


def with_idempotency_key(request: bytes) -> bytes:
    """Return the request with a unique idempotency key."""
    head, _, rest = request.partition(b"\r\n")
    return b"\r\n".join([head, b"Idempotency-Key: " + token_hex(16).encode(), rest])


def booking_request(show: int, seat: int, token: str) -> bytes:
    return request("POST", f"/api/shows/{show}/book", {"seat_number": seat}, token)


def hold_request(show: int, choice: object, token: str) -> bytes:
    return request("POST", f"/api/shows/{show}/holds", choice, token)


def hold_booking_request(head: bytes, token: str) -> bytes:
    """Return the request to book the hold that the response with this ``head`` has made."""
    _, found, rest = head.partition(b"/api/holds/")
    hold_id = rest.partition(b"\r\n")[0].decode() if found else "none"
    return request("POST", f"/api/holds/{hold_id}/book", None, token)


def seat_map_request(show: int, if_none_match: str = "") -> bytes:
    return request("GET", f"/api/shows/{show}/seats", if_none_match=if_none_match)


class ResponseReader:
    """Reads the responses of one connection, one after the other.

    ``head`` is that of the last one whose head was read.
    """

    __slots__ = ("_head", "_missing", "_status", "head")

    def __init__(self) -> None:
        self.head = b""
        self._head = b""
        self._missing = 0  # bytes of the body
        self._status = 0

    def read(self, data: bytes) -> int:
        """Return the status if ``data`` completes the response, otherwise 0.

        Raises ValueError if it is not a valid response or has no Content-Length.
        """
        if self._missing:
            self._missing -= len(data)
        elif not self._read_head(self._head + data):
            return 0
        if self._missing < 0:
            raise ValueError("A response is longer than its Content-Length.")
        return 0 if self._missing else self._status

    def _read_head(self, data: bytes) -> bool:
        """Read the response's head if it is complete; return whether it was."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._head = data
            return False
        self._head = b""
        self.head = data[: end + 2]
        self._status = int(data[9:12])
        has_body = self._status not in _STATUSES_WITHOUT_BODY
        length = _content_length(self.head) if has_body else 0
        self._missing = end + 4 + length - len(data)
        return True


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    if not found:
        raise ValueError(f"A response has no Content-Length: {head!r}")
    return int(rest[: rest.index(b"\r\n")])
