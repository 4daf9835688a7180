"""Lists that were answered a moment ago."""

import pytest
from flask import Response

from ticketing.entrypoints.http.web.response_cache import KEPT_SECONDS, MOST_BYTES, RecentLists


class Ticks:
    """A monotonic clock."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Asked:
    """Answers with how often it was asked."""

    def __init__(self, size=1):
        self.times, self._size = 0, size

    def __call__(self):
        self.times += 1
        return Response(f"{self.times:{self._size}}", headers={"X-Pagination": "{}"})


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def lists(ticks):
    return RecentLists(ticks)


def key(path="/api/movies", query=b""):
    return "http", "localhost", path, query


def body(lists, ask, key=key()):  # noqa: B008 - a constant
    return lists.answer(key, ask).body


def test_the_same_is_asked_once_in_half_a_second(lists, ticks):
    ask = Asked()
    for _ in range(10):
        assert body(lists, ask) == b"1"
    ticks.now += KEPT_SECONDS - 0.01
    assert body(lists, ask) == b"1"
    ticks.now += 0.01
    assert body(lists, ask) == b"2"


def test_an_answer_is_as_old_as_its_question(lists, ticks):
    def slow():
        ticks.now += KEPT_SECONDS
        return Response("old")

    assert body(lists, slow) == b"old"
    assert body(lists, Asked()) == b"1"


def test_its_headers_are_kept_with_it(lists):
    first, second = (lists.answer(key(), Asked()) for _ in range(2))

    assert first is second
    assert ("X-Pagination", "{}") in second.headers


@pytest.mark.parametrize(
    "other",
    [
        ("https", "localhost", "/api/movies", b""),
        ("http", "127.0.0.1", "/api/movies", b""),
        key("/api/movies/"),
        key(query=b"page=1"),
    ],
)
def test_another_question_has_another_answer(lists, other):
    ask = Asked()

    assert (body(lists, ask), body(lists, ask, other)) == (b"1", b"2")


def test_nothing_is_left_after_a_change(lists):
    ask = Asked()
    body(lists, ask)
    lists.forget()

    assert body(lists, ask) == b"2"


def test_what_was_read_while_something_changed_is_not_kept(lists):
    def overtaken():
        lists.forget()
        return Response("from before")

    assert body(lists, overtaken) == b"from before"
    assert body(lists, Asked()) == b"1"


def test_a_refusal_is_not_kept(lists):
    def refuses():
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            lists.answer(key(), refuses)
    assert body(lists, Asked()) == b"1"


def test_they_take_no_more_room_than_there_is(lists):
    megabytes = MOST_BYTES // 2**20
    asked = [Asked(2**20) for _ in range(2 * megabytes)]

    for _ in range(2):
        for number, ask in enumerate(asked):
            body(lists, ask, key(query=b"page=%d" % number))
    assert sum(ask.times for ask in asked) >= 3 * megabytes


def test_long_questions_take_room_too(lists):
    asked = [Asked() for _ in range(2 * MOST_BYTES // 2**20)]

    for _ in range(2):
        for number, ask in enumerate(asked):
            body(lists, ask, key(query=b"%d" % number + b" " * 2**20))
    assert sum(ask.times for ask in asked) > len(asked)
