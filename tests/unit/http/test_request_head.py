"""What is too long in the head of a request is not parsed."""

import pytest

from ticketing.entrypoints.http.web.request_head import MAX_URL_BYTES, BoundedHead

HEAD = {"PATH_INFO": "/", "QUERY_STRING": "a=b", "HTTP_COOKIE": "a=b", "HTTP_X_ANY": "x" * 30_000}


def seen(**environ):
    """Return what the application sees of a request's head."""
    given = HEAD | environ
    list(BoundedHead(lambda environ, _start: [])(given, None))
    return given


def test_a_usual_head_is_left_alone():
    assert seen() == HEAD


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("CONTENT_TYPE", 256),
        ("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", 1024),
        ("HTTP_COOKIE", 8192),
        ("HTTP_IF_NONE_MATCH", 1024),
        ("HTTP_LAST_EVENT_ID", 256),
    ],
)
def test_a_field_over_its_limit_is_empty(name, limit):
    assert seen(**{name: "x" * limit})[name] == "x" * limit
    assert seen(**{name: "x" * (limit + 1)})[name] == ""


def test_the_query_of_a_url_over_its_limit_is_empty():
    assert seen(QUERY_STRING="x" * (MAX_URL_BYTES - 1))["QUERY_STRING"]
    assert seen(QUERY_STRING="x" * MAX_URL_BYTES)["QUERY_STRING"] == ""
    assert seen(PATH_INFO="/" * MAX_URL_BYTES)["QUERY_STRING"] == ""
