"""The customers' pages as the server sends them: what needs no browser."""

import re

import pytest
from flask.testing import FlaskClient

from ticketing.domain.errors import Busy
from ticketing.entrypoints.http.pages.site import _FILES

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
PAGES = ["/", "/account", "/account/", "/shows/1", "/shows/1/"]
TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
}


@pytest.fixture
def visitor(app):
    """A client without checks of JSON: responses are pages."""
    return FlaskClient(app, app.response_class)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_may_load_from_its_server_only(visitor, cinema, path):
    cinema.show()

    page = visitor.get(path)

    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert page.headers.getlist("Content-Security-Policy") == [POLICY]
    assert page.headers["Cache-Control"] == "no-cache"
    assert not re.search(r"<script>|<script [^>]*>[^<]|<style| style=| on\w+=|//[a-z]", page.text)
    addresses = re.findall('(?:src|href)="([^"#]+)"', page.text)
    assert "/swagger/" in addresses
    for address in addresses:
        assert visitor.get(address).status_code == 200, address


@pytest.mark.parametrize("path", [*PAGES, "/static/pages/api.js", "/static/pages/api.js/"])
def test_an_unchanged_page_or_file_is_not_sent_again(visitor, cinema, path):
    cinema.show()
    first = visitor.get(path)

    head = visitor.head(path)
    again = visitor.get(path, headers={"If-None-Match": first.headers["ETag"]})
    other = visitor.get(path, headers={"If-None-Match": '"other"'})

    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert (other.status_code, other.data) == (200, first.data)


@pytest.mark.parametrize("name", sorted(_FILES))
def test_a_file_has_its_type_whatever_the_machine_knows(visitor, name):
    file = visitor.get(f"/static/pages/{name}")

    assert (file.status_code, file.content_type) == (200, TYPES[name.rpartition(".")[2]])
    assert file.headers["Cache-Control"] == "no-cache"
    assert file.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    ["nothing.js", "../site.py", "..%2fsite.py", "", "a" * 4000, "%00"],
    ids=len,
)
def test_there_are_no_other_files(visitor, name):
    assert visitor.get(f"/static/pages/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/shows/1", "/shows/1/", "/shows/0", f"/shows/{10**30}"])
def test_an_unknown_show_is_a_page_with_a_way_on(visitor, path):
    page = visitor.get(path)

    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert page.headers["Content-Security-Policy"] == POLICY
    assert "<h1>Show not found</h1>" in page.text
    assert re.search('<a class="button primary" href="/">', page.text)


def test_a_busy_box_office_is_a_page_that_says_when_to_try_again(app, visitor, monkeypatch):
    def busy(show_id):
        raise Busy

    monkeypatch.setitem(app.view_functions, "pages.show", busy)

    page = visitor.get("/shows/1")

    assert (page.status_code, page.mimetype, page.headers["Retry-After"]) == (503, "text/html", "1")


def test_a_page_is_not_for_a_form(guest):
    for path in ("/", "/account"):
        answer = guest.post(path, data={"password": "secret"})
        assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/login", "/signup", "/movies", "/bookings", "/my-bookings"])
def test_no_page_is_at_a_path_of_a_predecessor(guest, path):
    answer = guest.get(path, headers={"Accept": "text/html"})

    assert answer.mimetype == "application/problem+json"


def test_data_is_never_negotiated(guest):
    assert guest.get("/api/movies", headers={"Accept": "text/html"}).mimetype == "application/json"
    assert guest.get("/nowhere", headers={"Accept": "text/html"}).status_code == 404


def test_the_pages_have_the_cinemas_name(make_app):
    app = make_app(CINEMA_NAME="Le Métropole <b>")
    visitor = FlaskClient(app, app.response_class)

    for path in ("/", "/account", "/password-reset/request"):
        assert "Le Métropole &lt;b&gt;</title>" in visitor.get(path).text
