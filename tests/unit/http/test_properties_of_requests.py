"""Properties of repeated requests and of pages."""

import json

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import SALES_GRACE, Clock, a_movie
from ticketing.adapters.memory import MemoryTransactions, memory_queries
from ticketing.domain.errors import InvalidFields
from ticketing.domain.paging import Window
from ticketing.entrypoints.http.web.idempotency import HEADER, repeatable

APP = Flask("requests")

scalars = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=5)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
bodies = st.dictionaries(st.sampled_from(["seats", "seat_number", "a", "b"]), json_values)


def fingerprint(body):
    with APP.test_request_context(
        method="POST", data=body, content_type="application/json", headers={HEADER: "key"}
    ):
        request = repeatable(lambda done: done)
        assert request
        return request.fingerprint


@given(bodies, st.data(), st.booleans(), st.sampled_from([None, 0, 3]))
def test_equal_bodies_have_the_same_fingerprint(body, data, ascii_, indent):
    shuffled = dict(data.draw(st.permutations(list(body.items()))))
    written = json.dumps(shuffled, ensure_ascii=ascii_, indent=indent)
    assert fingerprint(written.encode("utf-8", "replace")) == fingerprint(json.dumps(body))


@given(bodies, bodies)
def test_different_bodies_have_different_fingerprints(one, other):
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (fingerprint(json.dumps(one)) == fingerprint(json.dumps(other))) is same


@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=300))
def test_a_key_must_be_printable_ascii(key):
    good = 1 <= len(key) <= 255 and key.isascii() and key.isprintable()
    with APP.test_request_context(method="POST", headers={HEADER: key}):
        try:
            request = repeatable(lambda done: done)
        except InvalidFields as refusal:
            assert not good
            assert list(refusal.facts["errors"]) == [HEADER]
        else:
            assert request is not None
            assert (request.key, good) == (key, True)


@given(st.lists(st.sampled_from("abAB"), max_size=12), st.integers(1, 5))
def test_pages_together_are_the_whole_list(titles, size):
    transactions = MemoryTransactions(Clock())
    queries = memory_queries(transactions, Clock(), SALES_GRACE)
    transactions(lambda uow: [uow.movies.add(a_movie(title)) for title in titles])

    pages = [
        queries.programme.movies("", Window(first, size))
        for first in range(0, len(titles) + 1, size)
    ]

    assert {page.total for page in pages} == {len(titles)}
    rows = [movie.id for page in pages for movie in page.items]
    assert rows == [movie.id for movie in queries.programme.movies("", Window(0, 100)).items]
    assert sorted(rows) == list(range(1, len(titles) + 1))
