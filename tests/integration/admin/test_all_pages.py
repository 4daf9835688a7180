"""The common features of all staff pages."""

import re
from contextlib import closing
from dataclasses import replace
from io import BytesIO

import pytest

from tests.builders import put_on
from tests.integration.admin.browser import Browser, text_of
from tests.integration.api.test_errors import Broken
from ticketing.domain.accounts.account import Role
from ticketing.domain.errors import Busy
from ticketing.entrypoints.http.web.request_body import MAX_LONG_BODY_BYTES
from ticketing.entrypoints.http.web.request_head import MAX_URL_BYTES

HUGE = "9" * 400
PAGES = [
    "/admin/",
    "/admin/movies",
    "/admin/movies/new",
    "/admin/movies/{movie}",
    "/admin/movies/{movie}/delete",
    "/admin/screens",
    "/admin/screens/{screen}",
    "/admin/screens/{screen}/retire",
    "/admin/screens/{screen}/reopen",
    "/admin/seat-plans/new",
    "/admin/seat-plans/{screen}",
    "/admin/shows/new",
    "/admin/shows/{show}",
    "/admin/shows/{show}/seats",
    "/admin/shows/{show}/edit",
    "/admin/shows/{show}/cancel",
    "/admin/shows/{show}/delete",
    "/admin/bookings",
    "/admin/bookings/{booking}",
    "/admin/bookings/{booking}/cancel",
    "/admin/customers/{customer}",
    "/admin/occupancy",
    "/admin/trail",
]


@pytest.fixture
def ids(cinema):
    show = cinema.show()
    booking = cinema.booked(show)
    return {
        "movie": show.movie.id,
        "show": show.id,
        "screen": show.screen.id,
        "booking": booking.id,
        "customer": booking.customer,
    }


def test_anonymous_visitors_are_redirected_to_the_log_in(guest, ids):
    for page in PAGES:
        path = page.format(**ids)
        for answer in (guest.get(path), guest.post(path, {"title": "x"})):
            assert (path, answer.status_code) == (path, 302)
            assert answer.location.startswith("/admin/log-in")
            assert "Metropolis" not in answer.text


def test_every_page_is_rendered(admin, ids):
    titles = set()
    for page in PAGES:
        answer = admin.get(page.format(**ids))
        assert answer.status_code == 200
        assert answer.text.startswith('<!doctype html>\n<html lang="en">')
        assert answer.text.count("<h1") == 1
        assert '<meta name="robots" content="noindex">' in answer.text
        assert set(re.findall(r'(?:href|src)="(\w+:)', answer.text)) <= {"data:"}
        titles |= set(re.findall("<title>(.*)</title>", answer.text))
    assert len(titles) > 12


def test_every_field_has_a_label(admin, ids):
    for page in PAGES:
        text = admin.get(page.format(**ids)).text
        fields = re.findall(r'<(?:input|select|textarea)[^>]*\bid="(\w+)"', text)
        hidden = {"csrf_token", "version", "save", "find", "confirm", "log_in", "preview"}
        assert {f for f in fields if f'for="{f}"' not in text} <= hidden


@pytest.mark.parametrize("path", ["/admin", "/admin/movies/", "/admin/log-in/"])
def test_trailing_slashes_make_no_difference(staff, path):
    assert staff.get(path).status_code == 200


MISSING = [
    "/admin/nothing",
    "/admin/movies/0",
    f"/admin/movies/{HUGE}",
    "/admin/movies/-1",
    "/admin/movies/true",
    "/admin/movies/ünü",
    "/admin/movies/\x00",
    "/admin/shows/9999",
    f"/admin/shows/{2**63}/cancel",
    "/admin/bookings/9999/cancel",
    "/admin/customers/9999",
    "/admin/static/nothing.css/x",
    "/admin/static/../site.py",
]


def test_an_unknown_path_is_a_page_with_404(staff):
    for path in MISSING:
        answer = staff.get(path)
        assert (path, answer.status_code) == (path, 404)
        assert "not found" in text_of(answer).lower()


def test_an_ended_session_reports_that_nothing_was_changed(guest):
    message = "You were logged out, so your changes were not saved."
    assert message not in text_of(guest.get("/admin/movies/new", follow_redirects=True))

    answer = guest.post("/admin/movies/new", {"title": "Alien"}, follow_redirects=True)

    assert answer.request.path == "/admin/log-in"
    assert message in text_of(answer)


def test_anonymous_visitors_do_not_learn_which_paths_exist(guest):
    for method in ("get", "post", "put", "patch", "delete"):
        answer = getattr(guest.client, method)("/admin/nothing")
        assert answer.status_code == 302


JUNK = [
    "page=0",
    "page=-1",
    f"page={HUGE}",
    f"page={'9' * 5000}",
    "page=true",
    "page=²",
    "page=x&page=2",
    "page=999999999",
    "q=%00",
    "q=%ff%fe",
    f"q={'ä' * 1000}",
    "day=",
    "day=tomorrow",
    "day=0001-01-01",
    "day=9999-12-31",
    "day=2026-02-30",
    "day=2026-11-20T10:00",
    f"day={HUGE}",
    "day=%00",
    f"movie={HUGE}",
    "movie=9999",
    "movie=true",
    "next=%00",
]


@pytest.mark.parametrize(
    "page", ["/", "/movies", "/screens", "/shows/new", "/occupancy", "/trail", "/log-in"]
)
def test_invalid_query_parameters_are_ignored(admin, page):
    for query in JUNK:
        assert (query, admin.get(f"/admin{page}?{query}").status_code) == (query, 200)


@pytest.mark.parametrize("day", ["1970-01-15", "2199-12-17", "2027-03-28", "2027-10-31"])
def test_every_day_has_a_programme_and_an_occupancy(staff, day):
    """The first, the last, and days of 23 and 25 hours."""
    assert staff.get(f"/admin/?day={day}").status_code == 200
    assert staff.get(f"/admin/occupancy?day={day}").status_code == 200
    assert staff.get(f"/admin/shows/new?day={day}").status_code == 200


def test_a_form_that_is_too_large_gets_an_error_page(staff):
    sent = {"csrf_token": staff.token(), "title": "x" * MAX_LONG_BODY_BYTES}
    answer = staff.post("/admin/movies/new", sent)
    assert answer.status_code == 413
    assert "Please go back and shorten your text." in text_of(answer)


def test_too_long_a_url_gets_an_error_page(staff):
    answer = staff.get("/admin/movies?q=" + "x" * MAX_URL_BYTES)

    assert answer.status_code == 414
    assert "The URL exceeds 8 KiB." in text_of(answer)


def test_too_long_a_cookie_gets_an_error_page(app):
    client = app.test_client(use_cookies=False)  # else it sets the header itself

    answer = client.get("/admin/", headers={"Cookie": "staff=x; " + "a=b; " * 2000})

    assert answer.status_code == 431
    assert "The header Cookie exceeds 8192 bytes." in text_of(answer)


def test_too_many_requests_get_an_error_page(guest):
    guest.client.environ_base["REMOTE_ADDR"] = "198.51.100.9"  # no other test uses it
    for _ in range(600):
        assert guest.post("/admin/log-in").status_code == 400

    answer = guest.post("/admin/log-in")

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["RateLimit-Remaining"] == "0"
    assert "Please wait a few minutes, then go back and try again." in text_of(answer)


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"title": "x"}},
        {"data": b"--x", "content_type": "multipart/form-data; boundary=x"},
        {"data": {"title": (BytesIO(b"x"), "x.txt")}},  # no form uploads files
        {"data": b"<a/>", "content_type": "text/xml"},
        {"data": b"title=x", "content_type": ""},
    ],
)
def test_a_body_that_is_not_a_form_gets_an_error_page(staff, sent):
    answer = staff.post("/admin/movies/new", **sent)

    assert answer.status_code == 415
    assert "A form must be application/x-www-form-urlencoded." in text_of(answer)


def test_a_form_of_junk_has_expired(staff):
    sent = {"data": b"\xff\x00=\xff", "content_type": "application/x-www-form-urlencoded"}
    assert staff.post("/admin/movies/new", **sent).status_code == 400


def test_a_form_has_at_most_a_thousand_fields(staff):
    sent = {"csrf_token": staff.token()} | {f"x{number}": "" for number in range(999)}

    assert staff.post("/admin/movies/new", sent).status_code == 422
    answer = staff.post("/admin/movies/new", sent | {"y": ""})
    assert answer.status_code == 400
    assert "A form has at most 1000 fields." in text_of(answer)


def test_a_long_description_can_be_saved(staff):
    movie = {"title": "Dune", "duration_minutes": "155", "description": "映" * 5000}

    answer = staff.post("/admin/movies/new", movie | {"csrf_token": staff.token()})

    assert answer.status_code == 303


def test_the_audit_log_is_for_admins(staff, admin):
    refused = staff.get("/admin/trail")

    assert refused.status_code == 403
    assert "This is for admins." in text_of(refused)
    assert "/admin/trail" not in staff.get("/admin/").text
    assert admin.get("/admin/trail").status_code == 200


@pytest.fixture
def break_store(app, monkeypatch):
    """Make every query raise an error until the end of the test."""

    def broken(error):
        whole = app.extensions["ticketing"]
        office = replace(whole.office, queries=Broken(error))
        monkeypatch.setitem(app.extensions, "ticketing", replace(whole, office=office))

    return broken


def test_an_unreachable_database_gets_an_error_page(staff, break_store):
    break_store(Busy())
    for path in PAGES:
        if "{" in path or path == "/admin/":
            answer = staff.get(path.format(movie=1, show=1, screen=1, booking=1, customer=1))
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert "busy" in text_of(answer).lower()


def test_a_crash_shows_its_cause_in_the_log_only(staff, break_store, caplog):
    break_store(RuntimeError("secret"))

    answer = staff.client.get("/admin/")

    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "Something went wrong on our side." in text_of(answer)
    assert "secret" not in answer.text
    assert "secret" in caplog.text


def test_an_unknown_host_gets_an_error_page(make_app):
    app = make_app(ENV="production", ALLOWED_HOSTS="tickets.example.org")
    answer = Browser(app, "https://example.com").get("/admin/")
    assert answer.status_code == 400
    assert "This host is not served here." in text_of(answer)


def test_texts_are_escaped(cinema, staff):
    evil = '<script>alert("1")</script>'
    movie = cinema.movie(evil, description=evil, rating="<b>", language="'\"")
    put_on(cinema.office.transactions)
    for path in ("/admin/movies", f"/admin/movies/{movie.id}", "/admin/shows/new"):
        assert "&lt;script&gt;" in staff.get(path).text


def test_the_pages_are_not_in_the_api_documentation(guest):
    for path in ("/schema/", "/schema/predecessors/"):
        assert "/admin" not in guest.client.get(path).text


def test_the_pages_work_without_the_predecessor_paths(make_app, cinema):
    cinema.account("otto", Role.STAFF)
    browser = Browser(make_app(PREDECESSOR_PATHS="off"))
    assert browser.log_in("otto").status_code == 303


@pytest.mark.parametrize(
    "path", ["/admin/static/admin.css", "/bootstrap/static/css/bootstrap.min.css"]
)
def test_style_sheets_are_served_locally(guest, path):
    with closing(guest.client.get(path)) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "text/css")
        assert "Set-Cookie" not in answer.headers
