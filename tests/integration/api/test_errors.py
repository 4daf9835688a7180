"""Errors of every kind, and their order.

That all are problem+json with all members is checked for each response, in ``documented.py``.
"""

import json
from dataclasses import replace
from io import BytesIO

import pytest

from tests.integration.api.cinema import book
from tests.integration.api.documented import check_problem
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Busy, OutcomeUnknown, StorageFull
from ticketing.entrypoints.http.web import request_body
from ticketing.entrypoints.http.web.request_body import (
    MAX_BODY_BYTES,
    MAX_LONG_BODY_BYTES,
    MAX_UPLOAD_BYTES,
)
from ticketing.entrypoints.http.web.request_head import MAX_URL_BYTES

# --- routing


@pytest.mark.parametrize(
    "path",
    [
        *("/nowhere", "/api", "/api/", "/api/movie", "/api//movies", "/API/movies"),
        *("/api/movies/1/seats", "/api/movies/abc", "/api/movies/-1", "/api/movies/1.0"),
        *("/api/shows/1/seats/5", "/docs/swagger-ui/../../setup.cfg", "/docs/redoc/none.js"),
    ],
)
def test_an_unknown_path_is_not_found(staff, path):
    answer = staff.get(path)

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/movies", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("PUT", "/api/movies/1/", {"GET", "HEAD", "OPTIONS", "PATCH", "DELETE"}),
        ("GET", "/api/shows/1/book", {"OPTIONS", "POST"}),
        ("GET", "/api/auth/login/", {"OPTIONS", "POST"}),
        ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/schema/", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/api/shows", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("QUERY", "/api/shows", {"GET", "HEAD", "OPTIONS", "POST"}),
    ],
)
def test_a_wrong_method_is_refused_with_the_allowed_ones(guest, method, path, allowed):
    answer = guest.open(path, method=method)

    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("method", ["BREW", "get", "Post", "", "X" * 1000, "é"])
@pytest.mark.parametrize("path", ["/api/movies", "/api/auth/login", "/nowhere"])
def test_an_unknown_method_is_not_implemented(guest, method, path):
    """Methods are case-sensitive (RFC 9110, 9.1), so ``get`` is unknown."""
    guest.promises_are_checked = False  # the client takes them for the documented ones
    answer = guest.open(path, method="GET", environ_overrides={"REQUEST_METHOD": method})

    assert (answer.status_code, answer.json["code"]) == (501, "method_not_implemented")


@pytest.mark.parametrize(
    "host", ["a,b", "localhost,localhost", "", " ", "a b", "a/b", "a@b", "é", "a:b:c", "a#", "\x00"]
)
def test_a_request_needs_one_valid_host(guest, host):
    """The server joins two Host fields with a comma."""
    for path in ("/api/movies", "/healthz", "/nowhere"):
        answer = guest.get(path, environ_overrides={"HTTP_HOST": host})

        assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_an_http_1_0_request_needs_no_host(guest):
    answer = guest.get(
        "/api/movies", environ_overrides={"HTTP_HOST": "", "SERVER_PROTOCOL": "HTTP/1"}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "/" + "a" * MAX_URL_BYTES,
        "/api/movies?" + "a&" * (MAX_URL_BYTES // 2),
        "/api/movies?q=" + "a" * MAX_URL_BYTES,
        "/api/shows/" + "1" * MAX_URL_BYTES,
    ],
    ids=lambda url: url[:16],
)
def test_a_long_url_is_refused(guest, url):
    answer = guest.get(url)

    assert (answer.status_code, answer.json["code"]) == (414, "url_too_long")
    assert len(answer.data) < 1000  # the path is not repeated whole


def test_a_url_may_be_as_long_as_its_limit(guest):
    path = "/api/movies"

    answer = guest.get(f"{path}?{'a' * (MAX_URL_BYTES - len(path))}")

    assert answer.status_code == 200


LONG_FIELDS = {
    "Cookie": "a=b;" * 3000,
    "Content-Type": "application/json;" + "a=b;" * 100,
    "Access-Control-Request-Headers": "a," * 1000,
    "If-None-Match": '"a",' * 1000,
}


@pytest.mark.parametrize("name", LONG_FIELDS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_long_field_that_would_be_parsed_is_refused(guest, name, method):
    key = name.upper().replace("-", "_")
    sent = {key if name == "Content-Type" else f"HTTP_{key}": LONG_FIELDS[name]}

    client = guest.application.test_client(use_cookies=False)  # else it sets Cookie itself
    answer = client.open("/api/movies", method=method, environ_overrides=sent)

    assert (answer.status_code, answer.json["code"]) == (431, "header_too_large")
    assert name in answer.json["detail"]


def test_options_and_head_are_answered(guest, cinema):
    cinema.show()

    assert guest.options("/api/movies").status_code == 200
    head = guest.head("/api/shows/1/seats")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"]


# --- bodies

BODIES = ["/api/auth/signup", "/api/auth/login", "/api/auth/token/refresh", "/api/auth/logout"]
LIMITS = {
    "/api/movies": MAX_LONG_BODY_BYTES,
    "PATCH /api/movies/1": MAX_LONG_BODY_BYTES,
    "/api/screens": MAX_UPLOAD_BYTES,
}
STAFF_BODIES = ["/api/movies", "/api/screens", "/api/shows", "/api/shows/1/book", "/bookings"]


@pytest.fixture(params=[*BODIES, *STAFF_BODIES, "PATCH /api/movies/1", "PATCH /api/shows/1"])
def path(request):
    """The path of a call that requires a body, with its method if that is not POST."""
    return request.param


@pytest.fixture
def send(path, staff, cinema):
    """Send a body to the call."""
    method, _, path = path.rpartition(" ")
    cinema.show()
    return lambda **body: staff.open(path, method=method or "POST", **body)


JSON = "application/json"


NO_JSON_OBJECTS: list[str | bytes] = [
    *("", " ", "{", "}", "{'a': 1}", '{"a": 1,}', '{"a": 1} x', "[]", '[{"a": 1}]', "null"),
    *("1", '"x"', "true", "NaN", '{"a": NaN}', '{"a": Infinity}', "a=1", "\x00", '{"a": "\n"}'),
    *(b"\xff", b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}', b"\xff\xfe{\x00}", b"\x1f\x8b"),
    *('{"a":' * 3000, "[" * 16_000, '{"a": ' + "9" * 5000 + "}"),
]
OTHER_CONTENT_TYPES = [
    *("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
    *("application/xml", "json", "application/jsonp", "", "application/octet-stream", "é"),
]


def test_a_body_must_be_a_json_object(send):
    for body in NO_JSON_OBJECTS:
        answer = send(data=body, content_type=JSON)
        assert (answer.status_code, answer.json["code"]) == (400, "bad_request"), body[:24]


def test_a_body_of_another_content_type_is_refused(send):
    for content_type in OTHER_CONTENT_TYPES:
        answer = send(data="{}", content_type=content_type)
        expected = 415, "unsupported_media_type"
        assert (answer.status_code, answer.json["code"]) == expected, content_type


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "APPLICATION/JSON", "application/x+json"],
)
def test_several_content_types_mean_json(staff, content_type):
    movie = json.dumps({"title": "Élite", "duration_minutes": 90}, ensure_ascii=False)

    answer = staff.post("/api/movies", data=movie.encode(), content_type=content_type)

    assert (answer.status_code, answer.json["title"]) == (201, "Élite")


def test_a_body_over_the_limit_is_refused(send, path):
    limit = LIMITS.get(path, MAX_BODY_BYTES)

    assert send(data="{}".ljust(limit), content_type=JSON).status_code != 413
    answer = send(data="{}".ljust(limit + 1), content_type=JSON)
    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")
    assert answer.json["detail"].startswith(f"The body exceeds {limit // 1024} KiB.")


@pytest.mark.parametrize("sent", ["with its length", "in chunks"])
def test_a_body_over_the_limit_is_never_parsed(send, monkeypatch, sent):
    monkeypatch.setattr(request_body, "json", None)
    body = BytesIO(b"{}".ljust(MAX_UPLOAD_BYTES + 1))
    length = {"CONTENT_LENGTH": str(MAX_UPLOAD_BYTES + 1)}
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}

    answer = send(
        input_stream=body,
        content_type=JSON,
        environ_overrides=chunked if sent == "in chunks" else length,
    )

    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")


def test_a_chunked_body_of_the_limit_is_read(send, path):
    limit = LIMITS.get(path, MAX_BODY_BYTES)
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}

    answer = send(
        input_stream=BytesIO(b'{"x": 1}'.ljust(limit)), content_type=JSON, environ_overrides=chunked
    )

    assert answer.json["code"] == "validation_failed"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br, gzip", "x"])
def test_a_compressed_body_is_refused(send, coding):
    answer = send(data=b"\x1f\x8b", content_type=JSON, headers={"Content-Encoding": coding})

    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")
    assert answer.headers["Accept-Encoding"] == "identity"


def test_an_unknown_field_is_named(send):
    answer = send(json={"colour": "red", "\ud800": 1})

    assert answer.status_code == 422
    assert {"colour", "\ud800"} <= set(answer.json["errors"])
    assert "errors_omitted" not in answer.json


def test_twenty_unknown_fields_are_named_and_the_others_counted(send):
    known = send(json={}).json.get("errors", {})

    answer = send(json={f"x{number}": 1 for number in range(990)})

    assert answer.status_code == 422
    assert answer.json["errors_omitted"] == 970
    assert {name for name in answer.json["errors"] if name not in known} == {
        f"x{number}" for number in range(20)
    }
    assert known.keys() <= answer.json["errors"].keys()


def test_a_long_unknown_name_is_cut(send):
    answer = send(json={"x" * 16_000: 1})

    assert "x" * 80 + "…" in answer.json["errors"]
    assert len(answer.data) < 2000


# --- the order of errors


def test_a_missing_token_is_reported_first(guest, otto, maria, cinema):
    booking = book(maria, cinema.show())
    for method, path in [
        ("POST", "/api/shows/1/book"),
        ("POST", "/api/shows/99/book"),
        ("GET", f"/api/bookings/{booking['id']}"),
        ("GET", "/api/bookings/99"),
        ("PATCH", "/api/movies/99"),
        ("GET", "/api/screens?page=0"),
        ("GET", "/users/1/bookings?page=0"),
    ]:
        answer = guest.open(path, method=method, data="no JSON")
        assert answer.status_code == 401, path


@pytest.mark.parametrize("path", ["/api/movies/99", "/api/shows/99", "/api/movies/1"])
@pytest.mark.parametrize("body", [{"data": "no JSON"}, {"json": {"x": 1}}])
def test_the_role_is_checked_before_path_and_body(maria, path, body):
    assert maria.patch(path, **body).status_code == 403
    assert maria.delete(path, **body).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/api/movies/99"),
        ("PATCH", "/api/shows/99"),
        ("POST", "/api/shows/99/book"),
        ("POST", "/api/bookings/99/cancel"),
        ("GET", "/api/movies/99/shows?page=0"),
        ("GET", "/users/99/bookings?page=0"),
    ],
)
def test_an_unknown_path_id_is_reported_before_the_body(staff, method, path):
    assert staff.open(path, method=method, json={"x": 1}).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/bookings/1/cancel"), ("GET", "/users/1/bookings?page=0")],
)
def test_another_customers_object_is_reported_before_the_body(maria, otto, cinema, method, path):
    book(maria, cinema.show())

    assert otto.open(path, method=method, json={"x": 1}).status_code == 403


def test_the_body_is_checked_before_the_rules(maria, cinema, clock):
    show = cinema.show(hours=1)
    clock.advance(hours=5)
    path = f"/api/shows/{show.id}/book"

    assert maria.post(path, json={"seat_number": 51}).json["code"] == "unknown_seat"
    assert maria.post(path, json={"seat_number": 1}).json["code"] == "sales_closed"


def test_a_closed_sale_is_reported_before_a_full_show_before_a_taken_seat(
    maria, otto, cinema, clock
):
    show = cinema.show(hours=1, seats=2)
    path = f"/api/shows/{show.id}/book"

    def code():
        return otto.post(path, json={"seat_number": 1}).json["code"]

    book(maria, show, 1)
    assert code() == "seat_taken"
    book(maria, show, 2)
    clock.advance(seconds=1)
    assert code() == "show_full"
    clock.advance(hours=2)
    assert code() == "sales_closed"


# --- internal errors


class Broken:
    """Raise ``error`` for every attribute and call."""

    def __init__(self, error):
        self._error = error

    def __getattr__(self, name):
        raise self._error

    def __call__(self, *args):
        raise self._error


@pytest.fixture
def break_store(app):
    """Make every query and every change raise an error during the test."""
    whole = app.extensions["ticketing"]

    def broken(error):
        rest = Broken(error)
        office = replace(
            whole.office, queries=rest, bookings=rest, accounts=rest, sessions=rest, programme=rest
        )
        app.extensions["ticketing"] = replace(whole, office=office, is_ready=rest)

    yield broken
    app.extensions["ticketing"] = whole


CALLS = [
    ("GET", "/api/movies", None),
    ("GET", "/api/shows/1", None),
    ("GET", "/api/shows/1/seats", None),
    ("GET", "/api/my-bookings", None),
    ("POST", "/api/shows/1/book", {"seat_number": 1}),
    ("POST", "/api/bookings/1/cancel", {}),
    ("POST", "/api/auth/login", {"username": "maria", "password": "x"}),
    ("POST", "/api/movies", {"title": "Dune", "duration_minutes": 90}),
    ("GET", "/readyz", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_an_internal_error_is_explained_in_the_log_only(
    break_store, staff, caplog, method, path, body
):
    break_store(RuntimeError('SELECT secret FROM "accounts"'))

    answer = staff.open(path, method=method, json=body)

    assert (answer.status_code, answer.json["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    [entry] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert entry.exc_info
    assert "secret" in caplog.text


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
@pytest.mark.parametrize("error", [Busy, StorageFull, OutcomeUnknown])
def test_a_busy_or_unavailable_store_asks_to_retry(break_store, staff, method, path, body, error):
    break_store(error("the driver said: connection refused"))

    answer = staff.open(path, method=method, json=body)

    assert (answer.status_code, answer.json["code"]) == (503, error.code)
    assert int(answer.headers["Retry-After"]) >= 1


def test_an_unavailable_store_affects_only_requests_that_need_it(break_store, staff, guest):
    break_store(Busy())

    assert staff.get("/healthz").json == {"status": "ok"}
    assert guest.get("/nowhere").status_code == 404
    assert guest.get("/schema/").status_code == 200
    assert guest.post("/api/auth/login", data="x", content_type=JSON).status_code == 400


def test_an_outdated_schema_is_not_ready(app, guest):
    whole = app.extensions["ticketing"]
    app.extensions["ticketing"] = replace(whole, is_ready=lambda: False)

    answer = guest.get("/readyz")

    app.extensions["ticketing"] = whole
    assert (answer.status_code, answer.json["code"]) == (503, "not_ready")
    assert guest.get("/readyz").json == {"status": "ok"}


def test_a_problem_without_a_required_member_fails_the_check(guest):
    answer = guest.get("/nowhere")
    answer.set_data(answer.data.replace(b'"code"', b'"kode"'))

    with pytest.raises(KeyError):
        check_problem(answer)


def test_an_unknown_user_is_not_found(staff):
    answer = staff.get(f"/users/{AccountId(99)}/bookings")

    assert (answer.status_code, answer.json["code"]) == (404, "account_not_found")


@pytest.mark.parametrize("show_id", [2**63, 10**40, "9" * 5000])
def test_an_impossible_show_id_is_refused_in_the_same_order(guest, maria, show_id):
    path = f"/api/shows/{show_id}/book"

    assert guest.post(path, json={}).status_code == 401
    answer = maria.post(path, json={})
    assert (answer.status_code, answer.json["code"]) == (404, "show_not_found")


def test_a_large_body_of_any_content_type_is_refused(maria):
    body = b" " * (MAX_BODY_BYTES + 1)
    answer = maria.post("/api/shows/1/book", data=body, content_type="text/plain")

    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")


def test_a_large_body_is_refused_after_the_token_and_the_role(guest, maria):
    body = b" " * (MAX_LONG_BODY_BYTES + 1)

    assert guest.post("/api/movies", data=body).status_code == 401
    assert maria.post("/api/movies", data=body).status_code == 403
