"""Requests as the bytes that a client sends."""

import json
from secrets import token_hex


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


def with_key(request: bytes) -> bytes:
    """Return the request with an idempotency key that no other has."""
    head, _, rest = request.partition(b"\r\n")
    return b"\r\n".join([head, b"Idempotency-Key: " + token_hex(16).encode(), rest])


def booking(show: int, seat: int, token: str) -> bytes:
    return request("POST", f"/api/shows/{show}/book", {"seat_number": seat}, token)


def map_of(show: int, if_none_match: str = "") -> bytes:
    return request("GET", f"/api/shows/{show}/seats", if_none_match=if_none_match)
