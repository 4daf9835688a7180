"""Request ids, hosts, trailing slashes and security headers."""

import logging
import re
from itertools import product

import pytest

from tests.integration.api.cinema import Client, book, hold, wait_for
from ticketing.domain.accounts.account import Role

PRODUCTION = {"ENV": "production"}
PUBLIC = {"PUBLIC_URL": "https://tickets.example.org"}
HOSTS = {"ALLOWED_HOSTS": "box.example.org,localhost"}


# --- request ids


@pytest.mark.parametrize("request_id", ["a", "A-1_b.c", "0" * 128])
@pytest.mark.parametrize("path", ["/api/movies", "/nowhere", "/api/auth/me", "/schema/", "/"])
def test_a_request_id_is_echoed(guest, request_id, path):
    answer = guest.get(path, headers={"X-Request-ID": request_id})

    assert answer.headers.getlist("X-Request-ID") == [request_id]


@pytest.mark.parametrize(
    "request_id", ["", "a b", "é", "a/b", "0" * 129, "<script>", "a\tb", "\u0663"]
)
def test_an_invalid_request_id_is_replaced(guest, request_id):
    headers = {"X-Request-ID": request_id.encode().decode("latin-1")}
    answers = [guest.get("/nowhere", headers=headers) for _ in range(2)]

    given = [answer.headers["X-Request-ID"] for answer in answers]
    assert len(set(given)) == 2
    assert all(re.fullmatch("[A-Za-z0-9._-]{1,128}", one) for one in given)


def test_every_request_is_logged(guest, caplog):
    with caplog.at_level(logging.INFO, "ticketing.requests"):
        guest.get("/api/movies/7?q=secret%0A", headers={"X-Request-ID": "line-1"})
        guest.get("/x%0Aforged%1B[2J", headers={"X-Request-ID": "line-2"})

    logged = [record.facts for record in caplog.records]
    assert [facts["path"] for facts in logged] == ["/api/movies/7", "/x\nforged\x1b[2J"]
    assert "secret" not in str(logged)


# --- long values

MAX_HEADER_BYTES = 3072  # nginx takes 4 KiB of headers; the rest is for those of other proxies


def test_no_header_grows_with_what_the_client_sends(app, staff):
    """A proxy that gets too many bytes of headers takes the server for broken."""
    guest, member = (Client(app, app.response_class) for _ in range(2))
    member.environ_base |= staff.environ_base
    long, number = "a" * 4300, "9" * 4300
    values = {"q": long, "page": number, "next": f"/admin/{long}", "from": "2", "token": long}
    headers = {"X-Request-ID": "0" * 128, "Origin": f"https://{long}.example"}
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<id:\w+>", number, rule.rule)
        path = re.sub(r"<[^>]+>", long, path)
        for method, client in product(rule.methods or (), (guest, member)):
            answer = client.open(path, method=method, query_string=values, headers=headers)
            sent = sum(len(name) + len(value) + 4 for name, value in answer.headers)
            assert sent < MAX_HEADER_BYTES, (method, rule, answer.headers)


# --- hosts


def location(client: Client, base_url="http://localhost"):
    body = {"title": "Dune", "duration_minutes": 155}
    return client.post("/api/movies", json=body, base_url=base_url).headers["Location"]


@pytest.mark.parametrize(
    "base_url", ["http://localhost", "http://10.0.0.7:8000", "https://[::1]:8443"]
)
def test_in_development_urls_use_the_requests_host(staff, base_url):
    assert location(staff, base_url) == f"{base_url}/api/movies/1"


def test_in_development_a_forged_host_is_in_no_url(staff):
    assert location(staff, "http://evil.example:81") == "http://localhost:81/api/movies/1"


@pytest.mark.parametrize("base_url", ["http://localhost:8000", "http://evil.example"])
def test_urls_use_the_public_url(make_app, cinema, base_url):
    staff = cinema.of(make_app(**PUBLIC)).staff()

    assert location(staff, base_url) == "https://tickets.example.org/api/movies/1"
    location(staff, base_url)
    listed = staff.get("/api/movies?page_size=1&page=1", base_url=base_url).json
    assert listed["next"].startswith("https://tickets.example.org/api/movies?")
    booked = book(staff, cinema.show())
    assert staff.get(f"/api/bookings/{booked['id']}", base_url=base_url).status_code == 200


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("http://box.example.org", "http://box.example.org"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://BOX.example.org:8000", "http://box.example.org:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://evil.example", "http://box.example.org"),
        ("http://box.example.org.evil.example", "http://box.example.org"),
    ],
)
def test_urls_name_only_allowed_hosts(make_app, cinema, base_url, expected):
    staff = cinema.of(make_app(ALLOWED_HOSTS="box.example.org,localhost,[::1]")).staff()

    assert location(staff, base_url) == f"{expected}/api/movies/1"


@pytest.mark.parametrize("settings", [PUBLIC | HOSTS, HOSTS, PUBLIC], ids=["both", "hosts", "url"])
def test_in_production_the_configured_host_is_served(make_app, settings):
    guest = make_app(**PRODUCTION, **settings).test_client()
    known = "tickets.example.org" if settings == PUBLIC else "box.example.org"

    assert guest.get("/healthz", base_url=f"https://{known}").status_code == 200
    assert guest.get("/healthz", base_url=f"https://{known}:8443").status_code == 200


@pytest.mark.parametrize("settings", [PUBLIC | HOSTS, HOSTS, PUBLIC], ids=["both", "hosts", "url"])
@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "tickets.example.org.evil.example", "x.tickets.example.org", "", " "),
        *("box.example.org@evil.example", "evil.example/box.example.org", "ex\u00e4mple.org"),
        *("tickets.example.org, evil.example", "[::1", "%00", "a" * 5000),
    ],
    ids=lambda it: ascii(it)[:24] if isinstance(it, str) else None,
)
@pytest.mark.parametrize("path", ["/api/movies", "/nowhere"])
def test_in_production_other_hosts_are_refused(make_app, settings, host, path):
    guest = make_app(**PRODUCTION, **settings).test_client()
    guest.promises_are_checked = False  # no document has this response for every call

    answer = guest.get(path, headers={"Host": host.encode().decode("latin-1")})

    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
    assert answer.headers["X-Request-ID"]


@pytest.mark.parametrize("host", ["", " ", "a b", 'x"><script>', "ex\u00e4mple.org", "[::1", "%00"])
def test_a_malformed_host_is_no_internal_error(staff, host):
    staff.post("/api/movies", json={"title": "Dune", "duration_minutes": 155})
    staff.post("/api/movies", json={"title": "Dune", "duration_minutes": 155})

    answer = staff.get("/api/movies?page_size=1", headers={"Host": host.encode().decode("latin-1")})

    assert answer.status_code in (200, 400)
    assert "<script>" not in answer.text


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Original-URL", "Forwarded"])
def test_no_other_header_changes_urls(staff, header):
    body = {"title": "Dune", "duration_minutes": 155}

    answer = staff.post("/api/movies", json=body, headers={header: "host=evil.example"})

    assert answer.headers["Location"] == "http://localhost/api/movies/1"


# --- slashes


def calls(app, ids):
    """Return every call but pages, with 1 for each id that is not given."""
    for rule in app.url_map.iter_rules():
        if "<path:" not in rule.rule and not re.match("/admin/|/password-reset(/|$)", rule.rule):
            path = re.sub(r"<\w+:(\w+)>", lambda found: str(ids.get(found[1], 1)), rule.rule)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, path.rstrip("/")


def test_every_path_answers_with_and_without_a_slash(app, cinema):
    show = cinema.show(seats=1000)
    sold_out, maria = cinema.show(hours=72, seats=1), cinema.customer()
    book(maria, sold_out)
    ids = {
        "hold_id": hold(maria, show, 1000)["id"],
        "entry_id": wait_for(maria, sold_out)["id"],
        "plan_id": show.plan.id,
    }

    for seat, (method, path) in enumerate(calls(app, ids), 1):
        book(cinema.user(f"staff-{seat}", Role.STAFF), show, seat)
        bare, slashed = (
            cinema.user(f"staff-{seat}-{slash}", Role.STAFF).open(
                path + slash, method=method, json={"x": 1}
            )
            for slash in ("", "/")
        )
        assert bare.status_code == slashed.status_code, (method, path)
        assert bare.status_code not in (301, 302, 307, 308, 404, 405), (method, path)


@pytest.mark.parametrize("path", ["/swagger", "/swagger/", "/redoc", "/redoc/"])
def test_the_documentation_loads_nothing_from_other_hosts(guest, path):
    page = guest.get(path)

    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "script-src 'self';" in policy
    assert not re.search("<script>|<script [^>]*>[^<]|//[a-z]", page.text)
    for address in re.findall('(?:src|href)="([^"]+)"', page.text):
        asset = guest.get(address, buffered=True)
        assert asset.status_code == 200, address
        assert not asset.mimetype.startswith("application/octet")


# --- security headers

ONCE = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


def every_sort_of_answer(client, show):
    """Yield data, pages, files and the errors of every layer."""
    seats = f"/api/shows/{show.id}/seats"
    yield client.get("/api/movies")
    yield client.get("/api/movies")  # cached
    yield client.get(seats)
    yield client.get(seats, headers={"If-None-Match": client.get(seats).headers["ETag"]})
    yield client.head("/api/movies")
    yield client.options("/api/movies")
    yield client.get("/schema/")
    yield client.get("/healthz")
    yield client.get("/nowhere")
    yield client.put("/api/movies")
    yield client.get("/api/auth/me")
    yield client.post("/api/auth/login", data="{", content_type="application/json")
    yield client.post("/api/auth/login", data=b"x" * (2**20 + 1), content_type="application/json")
    yield client.get("/api/movies/1/shows?from=yesterday")


def test_every_response_has_security_headers(cinema, guest):
    answers = list(every_sort_of_answer(guest, cinema.show()))

    assert {answer.status_code for answer in answers} >= {200, 304, 400, 401, 404, 405, 413}
    for answer in answers:
        assert {name: answer.headers.getlist(name) for name in ONCE} == {
            name: [value] for name, value in ONCE.items()
        }, answer.request
        assert answer.headers.getlist("Content-Security-Policy") == [DATA_POLICY]


def test_an_internal_error_has_security_headers(app, guest, monkeypatch):
    monkeypatch.setitem(app.view_functions, "movies.list_movies", lambda: 1 / 0)

    answer = guest.get("/api/movies")

    assert answer.status_code == 500
    assert answer.headers["Content-Security-Policy"] == DATA_POLICY


@pytest.mark.parametrize("path", ["/swagger/", "/redoc/"])
def test_a_page_keeps_its_own_policy(guest, path):
    page = guest.get(path)

    [policy] = page.headers.getlist("Content-Security-Policy")
    assert "script-src 'self'" in policy
    assert {name: page.headers.getlist(name) for name in ONCE} == {
        name: [value] for name, value in ONCE.items()
    }


@pytest.mark.parametrize(
    ("settings", "scheme", "expected"),
    [
        (PRODUCTION, "https", "max-age=31536000"),
        (PRODUCTION, "http", None),
        ({}, "https", None),
    ],
)
def test_in_production_hsts_is_sent_over_https(make_app, settings, scheme, expected):
    guest = make_app(**settings, **PUBLIC).test_client()

    for path in ("/api/movies", "/nowhere"):
        answer = guest.get(path, base_url=f"{scheme}://tickets.example.org")
        assert answer.headers.get("Strict-Transport-Security") == expected
