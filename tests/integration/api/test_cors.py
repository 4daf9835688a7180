"""CORS: which origins may call the API, and what they may read."""

import pytest
from flask import Response
from flask.testing import FlaskClient

from tests.integration.api.cinema import book

SHOP, PARTNER, EVIL = (
    "https://shop.example.org",
    "http://[2001:db8::7]:3000",
    "https://evil.example",
)
ORIGINS = {"CORS_ORIGINS": f"{SHOP},{PARTNER}"}
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture
def cinema(cinema, make_app):
    """The cinema of an application that allows two origins."""
    return cinema.of(make_app(**ORIGINS))


def preflight(client, path, origin=SHOP, method="POST", headers="authorization"):
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return client.options(path, headers={"Origin": origin, **asked})


def cross_origin_headers(answer):
    return [name for name, _ in answer.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("path", ["/api/movies", "/schema/", "/api/auth/me", "/nowhere"])
def test_without_the_setting_no_origin_is_allowed(make_app, path):
    answer = make_app().test_client().get(path, headers={"Origin": SHOP})

    assert cross_origin_headers(answer) == []
    assert "Origin" not in answer.vary


@pytest.mark.parametrize("origin", [SHOP, PARTNER])
@pytest.mark.parametrize(
    "path", ["/api/movies", "/movies", "/schema/", "/schema/predecessors/", "/api/nowhere"]
)
def test_an_allowed_origin_may_read_responses_and_errors(guest, origin, path):
    answer = guest.get(path, headers={"Origin": origin})

    assert answer.headers.getlist(ALLOWED) == [origin]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        *(EVIL, "null", "http://shop.example.org", f"{SHOP}:444", f"{SHOP}.evil.example"),
        *("https://shopxexample.org", f"https://evil.example/{SHOP}", f"{SHOP} {EVIL}", "*", ""),
    ],
)
def test_no_other_origin_is_allowed(guest, origin):
    for answer in (
        guest.get("/api/movies", headers={"Origin": origin}),
        preflight(guest, "/api/movies", origin),
    ):
        assert cross_origin_headers(answer) == []
        assert "Origin" in answer.vary


def test_a_cached_list_does_not_name_another_origin(guest):
    answers = [
        guest.get("/api/movies?page_size=7", headers={"Origin": origin} if origin else {})
        for origin in (SHOP, PARTNER, EVIL, None, SHOP)
    ]

    assert [answer.headers.getlist(ALLOWED) for answer in answers] == [
        *([SHOP], [PARTNER], [], [], [SHOP])
    ]
    assert all("Origin" in answer.vary for answer in answers)


def test_exposed_headers_exist(cinema):
    answer = cinema.customer().get("/api/my-bookings", headers={"Origin": SHOP})

    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"Location", "X-Request-ID", "X-Pagination", "Idempotent-Replayed"} <= set(exposed)
    assert {"ETag", "Retry-After", "RateLimit-Limit", "RateLimit-Reset"} <= set(exposed)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/shows/1/book", "POST"),
        ("/api/movies/1", "PATCH"),
        ("/api/shows/1/blocked-seats", "PUT"),
        ("/api/shows/1", "DELETE"),
        ("/shows/1/book/", "POST"),
        ("/bookings", "POST"),
    ],
)
def test_a_preflight_needs_no_token(guest, path, method):
    sent = "authorization, content-type, idempotency-key, x-request-id, if-none-match, "
    sent += "traceparent, tracestate, baggage"

    answer = preflight(guest, path, method=method, headers=f"{sent}, x-evil")

    assert answer.status_code == 200
    assert answer.headers[ALLOWED] == SHOP
    assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")
    allowed = set(answer.headers["Access-Control-Allow-Headers"].split(", "))
    assert allowed == set(sent.split(", "))


def test_a_page_on_an_allowed_origin_can_book(cinema):
    answer = cinema.customer().post(
        f"/api/shows/{cinema.show().id}/book", json={"seats": [1]}, headers={"Origin": SHOP}
    )

    assert (answer.status_code, answer.headers[ALLOWED]) == (201, SHOP)


@pytest.mark.parametrize(
    "path",
    [
        *("/admin/", "/admin", "/admin/log-in", "/healthz", "/metrics", "/swagger/"),
        *("/password-reset?token=7.1.x", "/password-reset/request"),
        *("/", "/account", "/account/", "/shows/1", "/shows/1/"),
        *("/static/pages/api.js", "/bootstrap/static/nothing"),
    ],
)
def test_pages_and_probes_have_no_cors(cinema, path):
    guest = FlaskClient(cinema.guest().application, Response)  # pages refuse in pages
    for answer in (guest.get(path, headers={"Origin": SHOP}), preflight(guest, path)):
        assert cross_origin_headers(answer) == []


def test_the_api_ignores_the_staffs_session_cookie(cinema):
    """Cross-origin requests have no cookie, and the API ignores cookies."""
    guest = cinema.guest()
    guest.set_cookie("staff", "anything")

    assert guest.get("/api/auth/me", headers={"Origin": SHOP}).status_code == 401
    assert book(cinema.customer(), cinema.show())
