"""The page that the link in a reset mail opens."""

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.builders import PASSWORD
from tests.integration.api.conftest import SECRET_KEY
from tests.integration.api.test_errors import Broken
from ticketing.adapters.reset_tokens import SignedResetTokens
from ticketing.domain.errors import Busy
from ticketing.domain.keys import derived_key

PAGE = "/password-reset"
REQUEST = "/password-reset/request"
ANOTHER = "another horse"


@pytest.fixture
def guest(app):
    """A client without checks of JSON: responses are pages."""
    return FlaskClient(app, app.response_class)


@pytest.fixture
def account(cinema):
    return cinema.office.accounts.sign_up("maria", PASSWORD, "maria@example.org")


@pytest.fixture
def token(account, clock):
    return SignedResetTokens([derived_key(SECRET_KEY, "password reset")]).issue(account, clock.now)


def send(client, **form):
    return client.post(PAGE, data=form)


def logs_in(client, password):
    body = {"username": "maria", "password": password}
    return client.post("/api/auth/login", json=body).status_code == 200


def test_the_form_holds_the_token(guest, token):
    answer = guest.get(f"{PAGE}?token={token}")

    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert f'<input type="hidden" name="token" value="{token}">' in answer.text


def test_opening_a_link_does_not_use_it_up(guest, token):
    """Some mail programs open every link before the reader does."""
    for _ in range(2):
        assert guest.get(f"{PAGE}?token={token}").status_code == 200
    assert send(guest, token=token, new_password=ANOTHER).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", [f"{PAGE}?token=7.1.x", REQUEST])
def test_pages_are_not_cached_framed_or_leaked_by_referrers(guest, method, path):
    answer = getattr(guest, method)(path)

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_token_is_escaped(guest):
    answer = guest.get(PAGE, query_string={"token": '"><script>alert(1)</script>'})

    assert "<script" not in answer.text


def test_the_form_sets_the_password(guest, token):
    answer = send(guest, token=token, new_password=ANOTHER)

    assert answer.status_code == 200
    assert "Password changed" in answer.text
    assert token not in answer.text
    assert logs_in(guest, ANOTHER)


def test_an_invalid_password_is_reported_beside_the_field(guest, token):
    answer = send(guest, token=token, new_password="short")

    assert answer.status_code == 422
    assert re.search('aria-describedby="error hint" aria-invalid="true"', answer.text)
    assert re.search('id="error" role="alert">Use at least 8 characters', answer.text)
    assert f'value="{token}"' in answer.text
    assert "short" not in answer.text.replace("a short riddle", "")
    assert logs_in(guest, PASSWORD)


@pytest.mark.parametrize("form", [{}, {"token": "nonsense"}, {"token": "1.9999999999.x"}])
def test_an_invalid_link_offers_a_new_one(guest, account, form):
    for answer in (
        guest.get(PAGE, query_string=form),
        send(guest, new_password=ANOTHER, **form),
    ):
        assert answer.status_code == 422
        assert "This link is invalid" in answer.text
        assert f'<form method="post" action="{REQUEST}">' in answer.text
        assert 'name="token"' not in answer.text
    assert logs_in(guest, PASSWORD)


def test_an_expired_link_is_refused_when_it_is_opened(guest, token, clock):
    clock.advance(minutes=30)

    answer = guest.get(f"{PAGE}?token={token}")

    assert answer.status_code == 422
    assert "has expired" in answer.text
    assert "maria" not in answer.text


def test_a_link_is_valid_once(guest, token):
    send(guest, token=token, new_password=ANOTHER)
    again = send(guest, token=token, new_password="the third horse")

    assert again.status_code == 422
    assert "was already used" in again.text
    assert logs_in(guest, ANOTHER)


def is_a_page(answer, status):
    """Check an error page: not cached, framed or leaked by referrers."""
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    return True


@pytest.mark.parametrize("path", [PAGE, REQUEST])
def test_rate_limits_are_reported_by_a_page(make_app, clock, path):
    clock.advance(hours=1)  # all earlier windows have ended
    app = make_app(RATELIMIT="on")
    guest = FlaskClient(app, app.response_class)
    for _ in range(60):
        assert guest.post(path).status_code != 429

    answer = guest.post(path)

    assert is_a_page(answer, 429)
    assert answer.headers["Retry-After"] == "60"
    assert answer.headers["RateLimit-Remaining"] == "0"
    assert "Please wait a few minutes, then go back and try again." in answer.text


@pytest.mark.parametrize("path", [PAGE, REQUEST])
def test_a_large_body_is_reported_by_a_page(guest, path):
    answer = guest.post(path, data={"name": "x" * 2**20, "token": "x"})

    assert is_a_page(answer, 413)
    assert "Please go back and shorten your text." in answer.text


@pytest.fixture
def break_resets(app, monkeypatch):
    """Make every call of the password resets raise an error during the test."""

    def broken(error):
        whole = app.extensions["ticketing"]
        office = replace(whole.office, password_resets=Broken(error))
        monkeypatch.setitem(app.extensions, "ticketing", replace(whole, office=office))

    return broken


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unavailable_store_is_reported_by_a_page(guest, break_resets, method):
    break_resets(Busy())

    answer = getattr(guest, method)(PAGE)

    assert is_a_page(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
    assert "Nothing was changed; please try again." in answer.text


@pytest.mark.parametrize("path", [PAGE, REQUEST])
def test_an_internal_error_is_explained_in_the_log_only(guest, break_resets, caplog, path):
    break_resets(RuntimeError("secret"))

    answer = guest.post(path)

    assert is_a_page(answer, 500)
    assert "Something went wrong on our side. Please try again later." in answer.text
    assert "secret" not in answer.text
    assert "secret" in caplog.text


def test_the_style_sheet_is_served(guest):
    [style] = re.findall('rel="stylesheet" href="(.*?)"', guest.get(REQUEST).text)

    with guest.get(style) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "text/css")
