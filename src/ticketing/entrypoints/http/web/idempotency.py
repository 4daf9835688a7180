"""The header Idempotency-Key, with which a client can repeat a request safely."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from flask import Response, request

from ticketing.domain.errors import InvalidFields
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.entrypoints.http.web.request_body import json_object, read_body

T = TypeVar("T")

HEADER = "Idempotency-Key"
KEY_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "description": "A text unique to each new operation, such as a UUID. A repeated request with "
    "the same key runs once and gets the same response, for at least 24 hours. With another body "
    "it gets 422 `idempotency_key_reused`.",
}
REPLAYED_HEADER = {
    "Idempotent-Replayed": {
        "description": "`true` for the stored response to an earlier request",
        "required": False,
        "schema": {"type": "string"},
    }
}

_KEY = re.compile(r"[ -~]{1,255}")
_NAMES_THE_SHOW = ("show_id", "show")  # in the path or in the body


@dataclass(frozen=True, slots=True)
class Success:
    """A response that is stored and can be sent again."""

    status: int
    body: str
    location: str | None = None


def repeatable(render: Callable[[T], Success]) -> Repeatable[T] | None:
    """Return the current request as one that the client may repeat; None without a key.

    Raises InvalidFields for an invalid key.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise InvalidFields(**{HEADER: "1 to 255 printable ASCII characters are required."})
    return Repeatable(key, _fingerprint(), lambda done: json.dumps(asdict(render(done))))


def respond(done: T | Replay, render: Callable[[T], Success]) -> Response:
    """Return the response to ``done``, or the stored one of an earlier request."""
    success = Success(**json.loads(done.answer)) if isinstance(done, Replay) else render(done)
    answer = Response(success.body, success.status, content_type="application/json")
    if success.location:
        answer.headers["Location"] = success.location
    if isinstance(done, Replay):
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _fingerprint() -> str:
    """Return a hash that is equal for equal parsed bodies."""
    body: dict[str, Any] = json_object() if read_body() else {}
    compared = {name: value for name, value in body.items() if name not in _NAMES_THE_SHOW}
    text = json.dumps(compared, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
