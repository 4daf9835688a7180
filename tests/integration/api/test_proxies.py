"""The client's address and scheme behind proxies."""

import pytest
from flask import request

from tests.integration.api.conftest import SECRET_KEY
from ticketing.bootstrap import create_app
from ticketing.settings import Settings

PROXY, OUTER_PROXY, CLIENT, FORGED = "10.0.0.7", "192.0.2.1", "203.0.113.9", "198.51.100.66"


@pytest.fixture(scope="module")
def make(store):
    """Make an application that returns a request's address, scheme and host."""

    def make(trusted):
        settings = {"DATABASE_URL": store.url, "SECRET_KEY": SECRET_KEY}
        settings["TRUSTED_PROXIES"] = trusted
        app = create_app(
            Settings.from_env({f"TICKETING_{name}": value for name, value in settings.items()})
        )
        app.add_url_rule(
            "/seen",
            view_func=lambda: {
                "address": request.remote_addr,
                "scheme": request.scheme,
                "host": request.host,
            },
        )
        return app

    return make


@pytest.fixture(scope="module")
def behind_proxies(make):
    return make(f"10.0.0.0/8, {OUTER_PROXY}, 2001:db8:1::/48")


def seen(app, peer, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client = app.test_client()
    return client.get("/seen", headers=named, environ_base={"REMOTE_ADDR": peer}).json


@pytest.mark.parametrize(
    ("passed_on", "address"),
    [
        (CLIENT, CLIENT),
        (f" {CLIENT} ", CLIENT),
        (f"{FORGED}, {CLIENT}", CLIENT),
        (f"{FORGED},{CLIENT}, {OUTER_PROXY}", CLIENT),
        (f"{CLIENT}, {OUTER_PROXY}, 10.9.9.9", CLIENT),
        (f"{PROXY}, {CLIENT}", CLIENT),  # a client that pretends to be a proxy
        (f"{CLIENT}:51234", CLIENT),
        ("2001:db8::5", "2001:db8::5"),
        ("[2001:db8::5]", "2001:db8::5"),
        ("[2001:db8::5]:443", "2001:db8::5"),
        ("::ffff:203.0.113.9", CLIENT),
        (f"{FORGED}, 2001:db8:1::9", FORGED),
        (OUTER_PROXY, OUTER_PROXY),  # the proxy is the client
        ("unknown", PROXY),
        ("", PROXY),
        (f"{FORGED}, unknown", PROXY),
        (f"{FORGED}, garbage, {OUTER_PROXY}", OUTER_PROXY),
        (f"{FORGED},,{OUTER_PROXY}", OUTER_PROXY),
        ("1.2.3.4.5, <script>", PROXY),
        ("'; DROP TABLE shows", PROXY),
        ("9" * 5000, PROXY),
        (f"{FORGED}," * 500 + CLIENT, CLIENT),
    ],
    ids=lambda it: it[:40],
)
def test_the_client_is_the_peer_of_the_outermost_trusted_proxy(behind_proxies, passed_on, address):
    assert seen(behind_proxies, PROXY, X_Forwarded_For=passed_on)["address"] == address


@pytest.mark.parametrize("peer", [CLIENT, "2001:db8:2::1", "::1", "127.0.0.1"])
def test_untrusted_peers_are_ignored(behind_proxies, peer):
    forwarded = {
        "X_Forwarded_For": FORGED,
        "X_Forwarded_Proto": "https",
        "Forwarded": f"for={FORGED}",
    }

    assert seen(behind_proxies, peer, **forwarded) == {
        "address": peer,
        "scheme": "http",
        "host": "localhost",
    }


def test_without_the_setting_no_peer_is_trusted(make):
    forwarded = {"X_Forwarded_For": FORGED, "X_Forwarded_Proto": "https"}

    assert seen(make(""), PROXY, **forwarded)["address"] == PROXY
    assert seen(make(""), PROXY, **forwarded)["scheme"] == "http"


@pytest.mark.parametrize("peer", [PROXY, "::ffff:10.0.0.7", "2001:db8:1::2"])
def test_a_proxy_is_trusted_by_address_or_network(behind_proxies, peer):
    assert seen(behind_proxies, peer, X_Forwarded_For=CLIENT)["address"] == CLIENT


@pytest.mark.parametrize(
    ("forwarded", "scheme"),
    [
        *(("https", "https"), ("HTTPS", "https"), ("http", "http"), ("http, https", "https")),
        *(("https, http", "http"), ("ftp", "http"), ("", "http"), ("javascript", "http")),
    ],
)
def test_a_trusted_proxy_reports_the_scheme(behind_proxies, forwarded, scheme):
    assert seen(behind_proxies, PROXY, X_Forwarded_Proto=forwarded)["scheme"] == scheme


@pytest.mark.parametrize("name", ["X_Forwarded_Host", "X_Forwarded_Port", "X_Forwarded_Prefix"])
def test_other_forwarded_headers_are_ignored(behind_proxies, name):
    assert seen(behind_proxies, PROXY, **{name: "evil.example"})["host"] == "localhost"


def test_urls_have_the_clients_scheme(make_app, cinema):
    staff = cinema.of(make_app(TRUSTED_PROXIES=PROXY)).staff()
    staff.environ_base["REMOTE_ADDR"] = PROXY

    added = staff.post(
        "/api/movies",
        json={"title": "Dune", "duration_minutes": 155},
        headers={"X-Forwarded-Proto": "https"},
    )

    assert added.headers["Location"] == "https://localhost/api/movies/1"
