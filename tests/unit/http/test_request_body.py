"""How long, how deep and how wide bodies may be."""

import json
from contextlib import contextmanager
from io import BytesIO

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from ticketing.entrypoints.http.web import request_body
from ticketing.entrypoints.http.web.request_body import (
    MAX_BODY_BYTES,
    MAX_DEPTH,
    MAX_MEMBERS,
    BodyLimits,
    BodyTooLarge,
    json_object,
    read_body,
    read_form,
)

APP = Flask("bodies")
CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}


@contextmanager
def body(sent, content_type="application/json", **environ):
    with APP.test_request_context(
        method="POST",
        input_stream=BytesIO(sent),
        content_type=content_type,
        environ_overrides={"CONTENT_LENGTH": str(len(sent)), **environ},
    ):
        yield


def nested(depth, inner):
    """Return objects and arrays in turn, the innermost of which holds ``inner`` at ``depth``."""
    for level in range(depth - 1, 0, -1):
        inner = {"a": inner} if level % 2 else [inner]
    return inner


def depth(value):
    inner = list(value.values()) if isinstance(value, dict) else value
    return 1 + max(map(depth, inner), default=0) if isinstance(inner, list) else 0


def members(value):
    inner = list(value.values()) if isinstance(value, dict) else value
    return len(inner) + sum(map(members, inner)) if isinstance(inner, list) else 0


def is_accepted(value, **limits):
    with body(json.dumps(value).encode()):
        try:
            return json_object(BodyLimits(2**20, **limits)) == value
        except BadRequest:
            return False


@pytest.mark.parametrize("environ", [{}, CHUNKED], ids=["length", "chunks"])
@pytest.mark.parametrize("limit", [100, MAX_BODY_BYTES])
def test_a_body_may_be_as_long_as_its_limit(environ, limit):
    with body(b"x" * limit, **environ):
        assert read_body(limit) == b"x" * limit
    with body(b"x" * (limit + 1), **environ), pytest.raises(BodyTooLarge):
        read_body(limit)


def test_a_body_that_is_announced_as_too_long_is_not_read():
    with body(b"x", CONTENT_LENGTH=str(MAX_BODY_BYTES + 1)):
        with pytest.raises(BodyTooLarge):
            read_body()
        assert request.environ["wsgi.input"].tell() == 0


@pytest.mark.parametrize("extra", [2, 2**20])
def test_a_chunked_body_is_not_read_beyond_its_limit(extra):
    with body(b"x" * (MAX_BODY_BYTES + extra), **CHUNKED):
        with pytest.raises(BodyTooLarge):
            read_body()
        assert request.environ["wsgi.input"].tell() == MAX_BODY_BYTES + 1


def test_an_incomplete_body_is_refused():
    with (
        body(b"{}", CONTENT_LENGTH="3", **{"wsgi.input_terminated": True}),
        pytest.raises(BadRequest, match="incomplete"),
    ):
        json_object()


@pytest.mark.parametrize("inner", [1, "[[[[", {}, []], ids=repr)
def test_a_body_has_at_most_twenty_levels(inner):
    own = int(inner in ({}, []))
    assert is_accepted(nested(MAX_DEPTH + 1 - own, inner))
    assert not is_accepted(nested(MAX_DEPTH + 2 - own, inner))


@pytest.mark.parametrize("length", [MAX_DEPTH * 2, 5000, 100_000])
def test_a_deep_body_is_refused_whatever_its_length(length):
    with body(b'{"a":' + b"[" * length + b"]" * length + b"}"), pytest.raises(BadRequest):
        json_object(BodyLimits(2**20))


@pytest.mark.parametrize(
    "wide",
    [
        lambda count: {str(number): number for number in range(count)},
        lambda count: {"seats": list(range(count - 1))},
        lambda count: {"seats": [[]] * (count - 1)},
        lambda count: {"seats": [0] * (count // 2), "x": [0] * (count - count // 2 - 2)},
    ],
    ids=["members", "elements", "empty arrays", "in all"],
)
def test_a_body_has_at_most_a_thousand_members_and_elements(wide):
    assert members(wide(MAX_MEMBERS)) == MAX_MEMBERS
    assert is_accepted(wide(MAX_MEMBERS))
    assert not is_accepted(wide(MAX_MEMBERS + 1))


def test_brackets_and_commas_in_text_do_not_count():
    assert is_accepted({"description": "[{,]}" * 2000})


json_values = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=2), json_values, max_size=4))
def test_bounds_are_those_of_the_parsed_body(value):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(request_body, "MAX_DEPTH", 3)

        assert is_accepted(value, max_members=6) == (depth(value) <= 3 and members(value) <= 6)


FORM = "application/x-www-form-urlencoded"


def test_a_form_has_at_most_a_thousand_fields():
    with body(b"&".join([b"a="] * MAX_MEMBERS), FORM):
        read_form()
        assert len(request.form.getlist("a")) == MAX_MEMBERS
    with body(b"&".join([b"a="] * (MAX_MEMBERS + 1)), FORM), pytest.raises(BadRequest):
        read_form()


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=x", "text/plain", ""])
def test_a_form_of_another_content_type_is_refused(content_type):
    with body(b"a=1", content_type), pytest.raises(UnsupportedMediaType):
        read_form()


def test_an_empty_form_needs_no_content_type():
    with body(b"", ""):
        read_form()
        assert not request.form


FILE = b'--x\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\n%s\r\n--x--\r\n'


def test_a_form_has_files_only_where_they_are_accepted():
    with body(FILE % b"content", "multipart/form-data; boundary=x"):
        with pytest.raises(UnsupportedMediaType):
            read_form()
        read_form(with_files=True)
        assert request.files["a"].read() == b"content"


@pytest.mark.parametrize("chunked", [{}, CHUNKED])
def test_a_form_with_files_is_bounded(chunked):
    with (
        body(FILE % b"0123456789", "multipart/form-data; boundary=x", **chunked),
        pytest.raises(BodyTooLarge),
    ):
        read_form(80, with_files=True)
