"""The cache of responses."""

import pytest
from flask import Response

from ticketing.entrypoints.http.web.response_cache import KEPT_SECONDS, MAX_BYTES, ResponseCache


class Ticks:
    """A monotonic clock."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Reader:
    """Return how often it was called."""

    def __init__(self, size=1):
        self.times, self._size = 0, size

    def __call__(self):
        self.times += 1
        return Response(f"{self.times:{self._size}}", headers={"X-Pagination": "{}"})


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def cache(ticks):
    return ResponseCache(ticks)


def key(path="/api/movies", query=b""):
    return "http", "localhost", path, query


def body(cache, read, key=key()):  # noqa: B008 - a constant
    return cache.get(key, read).body


def test_a_list_is_read_once_in_half_a_second(cache, ticks):
    read = Reader()
    for _ in range(10):
        assert body(cache, read) == b"1"
    ticks.now += KEPT_SECONDS - 0.01
    assert body(cache, read) == b"1"
    ticks.now += 0.01
    assert body(cache, read) == b"2"


def test_a_response_is_as_old_as_its_request(cache, ticks):
    def slow():
        ticks.now += KEPT_SECONDS
        return Response("old")

    assert body(cache, slow) == b"old"
    assert body(cache, Reader()) == b"1"


def test_headers_are_cached_with_the_body(cache):
    first, second = (cache.get(key(), Reader()) for _ in range(2))

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
def test_another_request_has_another_response(cache, other):
    read = Reader()

    assert (body(cache, read), body(cache, read, other)) == (b"1", b"2")


def test_a_change_clears_the_cache(cache):
    read = Reader()
    body(cache, read)
    cache.clear()

    assert body(cache, read) == b"2"


def test_a_response_read_during_a_change_is_not_cached(cache):
    def overtaken():
        cache.clear()
        return Response("from before")

    assert body(cache, overtaken) == b"from before"
    assert body(cache, Reader()) == b"1"


def test_an_exception_is_not_cached(cache):
    def refuses():
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            cache.get(key(), refuses)
    assert body(cache, Reader()) == b"1"


def test_the_size_of_all_responses_is_bounded(cache):
    megabytes = MAX_BYTES // 2**20
    readers = [Reader(2**20) for _ in range(2 * megabytes)]

    for _ in range(2):
        for number, read in enumerate(readers):
            body(cache, read, key(query=b"page=%d" % number))
    assert sum(read.times for read in readers) >= 3 * megabytes


def test_the_size_of_keys_counts(cache):
    readers = [Reader() for _ in range(2 * MAX_BYTES // 2**20)]

    for _ in range(2):
        for number, read in enumerate(readers):
            body(cache, read, key(query=b"%d" % number + b" " * 2**20))
    assert sum(read.times for read in readers) > len(readers)
