"""Lists that were answered a moment ago, for whoever asks the same.

Lists, and the counts in them, may be a second old. In an on-sale everybody looks at the same few,
and their counts take long: so each process reads one about twice a second.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec

from flask import Flask, Response, current_app, request

KEPT_SECONDS = 0.5
"""Half of the second: what is read may come from a replica, which takes its own time."""

MOST_BYTES = 4 * 2**20

_LISTS = "ticketing.lists"

Key = tuple[str, str, str, bytes]
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Answer:
    """A body with its headers, as it was when ``read_at``."""

    body: bytes
    headers: list[tuple[str, str]]
    read_at: float


@dataclass(slots=True)
class _Shelf:
    """``size`` is about that of all that lies here, in bytes."""

    answers: dict[Key, Answer] = field(default_factory=dict)
    size: int = 0


class RecentLists:
    """Keeps answers for half a second, as many as there is room for."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Something was changed: nothing that was read before this is answered any more."""
        self._shelf = _Shelf()

    def answer(self, key: Key, ask: Callable[[], Response]) -> Answer:
        """What ``ask`` gave half a second ago or gives now. What it raises is not kept."""
        shelf, now = self._shelf, self._monotonic()
        known = shelf.answers.get(key)
        if known is not None and now - known.read_at < KEPT_SECONDS:
            return known
        response = ask()
        answer = Answer(response.get_data(), list(response.headers), now)
        self._keep(shelf, key, answer)
        return answer

    def _keep(self, shelf: _Shelf, key: Key, answer: Answer) -> None:
        """On the shelf that was there when the question was asked, be it still in use or not."""
        with self._guard:
            if shelf.size > MOST_BYTES:
                shelf.answers.clear()
                shelf.size = 0
            if key not in shelf.answers:  # one that is replaced has about the same size
                shelf.size += sum(map(len, key)) + len(answer.body)
            shelf.answers[key] = answer


def register(app: Flask, lists: RecentLists) -> None:
    app.extensions[_LISTS] = lists


def recent(view: Callable[P, Response]) -> Callable[P, Response]:
    """A list that everybody sees alike. Goes outside of all but who may see it."""

    @wraps(view)
    def listed(*args: P.args, **kwargs: P.kwargs) -> Response:
        lists: RecentLists = current_app.extensions[_LISTS]
        key = (request.scheme, request.host, request.path, request.query_string)
        answer = lists.answer(key, lambda: view(*args, **kwargs))
        return Response(answer.body, headers=answer.headers)

    return listed
