"""Logging in and out of the staff's pages."""

import re

import pytest
from flask import Flask

from tests.builders import PASSWORD
from tests.integration.admin.browser import Browser, text_of
from tests.integration.api.conftest import SECRET_KEY
from ticketing.domain.accounts.account import Role

PRODUCTION = {"ENV": "production", "ALLOWED_HOSTS": "localhost"}


def cookie_of(answer):
    return answer.headers["Set-Cookie"]


def kept_by(browser):
    """The cookie that the browser sends."""
    cookie = browser.client.get_cookie("staff", path="/admin")
    assert cookie is not None
    return cookie.value


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMIN])
@pytest.mark.parametrize("name", ["Otto", " otto ", "OTTO@example.com"])
def test_staff_log_in_by_name_or_address(cinema, guest, role, name):
    cinema.account("otto", role, email="otto@example.com")

    answer = guest.log_in(name)

    assert (answer.status_code, answer.location) == (303, "/admin/")
    assert "otto" in text_of(guest.get("/admin/"))


@pytest.mark.parametrize(("name", "password"), [("otto", "a mistake"), ("nobody", PASSWORD)])
def test_who_guesses_wrong_is_told_the_same_whoever_there_is(cinema, guest, name, password):
    cinema.account("otto", Role.STAFF)

    answer = guest.log_in(name, password)

    assert answer.status_code == 401
    assert "Unknown user or wrong password." in text_of(answer)
    assert f'value="{name}"' in answer.text
    assert password not in answer.text
    assert guest.get("/admin/").status_code == 302


def test_what_is_not_filled_in_is_told_beside_its_field(guest):
    answer = guest.log_in("", "")

    assert answer.status_code == 422
    assert answer.text.count("This field is required.") == 2
    assert answer.text.count('aria-invalid="true"') == 2


def test_customers_are_told_that_this_is_not_for_them(cinema, guest):
    cinema.account("maria")

    answer = guest.log_in("maria")

    assert answer.status_code == 403
    assert "This is for the cinema's staff." in text_of(answer)
    assert guest.get("/admin/").status_code == 302
    opened = cinema.office.queries.accounts.revoked_sessions(cinema.now)
    assert len(opened) == 1  # it was closed at once


def test_guessing_is_throttled(cinema, guest):
    cinema.account("otto", Role.STAFF)
    for _ in range(10):
        assert guest.log_in("otto", "wrong").status_code == 401

    answer = guest.log_in("otto")

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many attempts. Try again in 15 min." in text_of(answer)


@pytest.mark.parametrize(
    "page",
    ["/admin/movies", "/admin/shows/7/edit", "/admin/?day=2030-01-02", "/admin/movies?page=2"],
)
def test_after_the_log_in_comes_the_page_that_was_asked_for(cinema, guest, page):
    cinema.account("otto", Role.STAFF)
    sent_away = guest.get(page)
    assert sent_away.status_code == 302

    answer = guest.log_in("otto", path=sent_away.location.removeprefix("/admin/log-in"))

    assert answer.location == page


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.com/admin/",
        "//example.com/admin/",
        "/\\example.com",
        "/admin/../api/movies",
        "/admin/%2e%2e/swagger/",
        "/admin//example.com/%0d%0aSet-Cookie:a=b",
        "/adminer",
        "/admin/\n",
        "javascript:alert(1)",
        "\x00",
    ],
)
def test_a_log_in_leads_nowhere_else(cinema, guest, elsewhere):
    cinema.account("otto", Role.STAFF)
    token = guest.token("/admin/log-in")

    answer = guest.post(
        "/admin/log-in",
        {"name": "otto", "password": PASSWORD, "csrf_token": token},
        query_string={"next": elsewhere},
    )

    assert (answer.status_code, answer.location) == (303, "/admin/")


class TestCookie:
    def test_it_is_for_these_pages_only_and_out_of_reach_of_scripts(self, cinema, guest):
        cinema.account("otto", Role.STAFF)

        cookie = cookie_of(guest.log_in("otto"))

        assert cookie.startswith("staff=")
        assert {"HttpOnly", "Path=/admin", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Secure" not in cookie

    def test_in_production_it_is_secure(self, make_app, cinema):
        cinema.account("otto", Role.STAFF)
        browser = Browser(make_app(**PRODUCTION), "https://localhost")
        browser.client.environ_base["HTTP_REFERER"] = "https://localhost/admin/log-in"

        answer = browser.log_in("otto")

        assert answer.status_code == 303
        assert cookie_of(answer).startswith("__Secure-ticketing-staff=")
        assert "; Secure; HttpOnly; Path=/admin; SameSite=Lax" in cookie_of(answer)

    def test_a_form_sent_from_elsewhere_is_refused(self, make_app, cinema):
        cinema.account("otto", Role.STAFF)
        browser = Browser(make_app(**PRODUCTION), "https://localhost")
        browser.client.environ_base["HTTP_REFERER"] = "https://example.com/"

        assert browser.log_in("otto").status_code == 400

    def test_it_opens_no_door_of_the_api(self, staff):
        assert staff.client.get("/api/auth/me").status_code == 401
        assert staff.client.post("/api/movies", json={"title": "x"}).status_code == 401

    def test_the_api_sets_none(self, guest):
        assert "Set-Cookie" not in guest.client.get("/api/movies").headers

    def test_a_token_of_the_api_opens_none_of_these_pages(self, cinema, guest):
        access = cinema.tokens(cinema.account("otto", Role.ADMIN))["access"]

        answer = guest.get("/admin/", headers={"Authorization": f"Bearer {access}"})

        assert answer.status_code == 302

    def test_one_that_was_tampered_with_is_worth_nothing(self, staff):
        payload, _, signature = kept_by(staff).rpartition(".")
        staff.client.set_cookie("staff", f"{payload}.{signature[::-1]}", path="/admin")

        assert staff.get("/admin/").status_code == 302

    def test_one_of_a_customer_is_worth_nothing(self, staff):
        with staff.client.session_transaction("/admin/") as session:
            account_id, _, *rest = session["who"]
            session["who"] = [account_id, "customer", *rest]

        assert staff.get("/admin/").status_code == 302

    def test_one_signed_by_an_old_key_is_good_while_that_key_is_known(self, make_app, cinema):
        cinema.account("otto", Role.STAFF)
        before = Browser(make_app())
        before.log_in("otto")
        cookie = kept_by(before)
        new = {"SECRET_KEY": SECRET_KEY[::-1]}
        for settings, status in ((new, 302), (new | {"OLD_SECRET_KEYS": SECRET_KEY}, 200)):
            browser = Browser(make_app(**settings))
            browser.client.set_cookie("staff", cookie, path="/admin")
            assert browser.get("/admin/").status_code == status

    def test_what_a_log_in_finds_in_it_is_gone_afterwards(self, cinema, guest):
        """A session that somebody else made up is never the one that is logged in."""
        cinema.account("otto", Role.STAFF)
        token = guest.token("/admin/log-in")
        guest.log_in("otto")

        assert guest.post("/admin/log-out", {"csrf_token": token}).status_code == 400


class TestEnd:
    def is_in(self, browser: Browser) -> bool:
        return browser.get("/admin/").status_code == 200

    @pytest.fixture
    def copy(self, app: Flask, staff: Browser) -> Browser:
        """Another browser that has the same cookie."""
        copy = Browser(app)
        copy.client.set_cookie("staff", kept_by(staff), path="/admin")
        return copy

    def test_who_logs_out_is_out_in_every_browser(self, staff, copy, clock):
        assert self.is_in(copy)

        answer = staff.post("/admin/log-out", {"csrf_token": staff.token()}, follow_redirects=True)
        clock.advance(seconds=2)

        assert "You are logged out." in text_of(answer)
        assert not self.is_in(staff)
        assert not self.is_in(copy)

    def test_another_role_or_password_ends_it(self, cinema, app, clock):
        accounts = cinema.office.accounts
        for name, change in (
            ("anna", lambda: accounts.change_role("anna", Role.CUSTOMER)),
            ("otto", lambda: accounts.change_password("otto", "another long phrase")),
        ):
            cinema.account(name, Role.STAFF)
            browser = Browser(app)
            browser.log_in(name)
            assert self.is_in(browser)
            change()
            clock.advance(seconds=2)
            assert not self.is_in(browser)

    def age(self, browser: Browser) -> None:
        """As if it had not been looked at for so long that the store has to be asked."""
        with browser.client.session_transaction("/admin/") as session:
            session["who"] = [*session["who"][:-1], 0]

    def test_one_that_is_in_use_goes_on(self, staff):
        self.age(staff)
        assert self.is_in(staff)
        with staff.client.session_transaction("/admin/") as session:
            assert session["who"][-1] > 0

    def test_one_that_ended_long_ago_is_not_taken_up_again(self, staff, copy, clock):
        self.age(copy)
        staff.post("/admin/log-out", {"csrf_token": staff.token()})
        clock.advance(hours=5)  # the process no longer remembers that it was revoked

        assert not self.is_in(copy)

    def test_it_ends_with_the_session_it_names(self, staff, clock):
        self.age(staff)
        clock.advance(days=8)

        assert not self.is_in(staff)

    def test_two_hours_without_a_look_are_too_many(self, app, staff, monkeypatch):
        assert self.is_in(staff)
        monkeypatch.setitem(app.config, "PERMANENT_SESSION_LIFETIME", -1)
        assert not self.is_in(staff)


class TestForgery:
    PATHS = ("/admin/log-in", "/admin/log-out", "/admin/movies/new", "/admin/bookings")

    @pytest.mark.parametrize("token", [None, "", "none", "ä" * 20])
    @pytest.mark.parametrize("path", PATHS)
    def test_a_form_that_is_not_ours_is_refused_by_a_page(self, staff, path, token):
        sent = {"name": "staff", "password": PASSWORD, "title": "x", "duration_minutes": "1"}

        answer = staff.post(path, sent | ({} if token is None else {"csrf_token": token}))

        assert answer.status_code == 400
        assert "This form has expired" in text_of(answer)

    def test_a_header_is_no_substitute(self, staff):
        headers = {"X-CSRFToken": staff.token()}

        assert staff.post("/admin/log-out", headers=headers).status_code == 400

    def test_the_token_of_somebody_else_is_worth_nothing(self, staff, guest):
        theirs = guest.token("/admin/log-in")

        assert staff.post("/admin/log-out", {"csrf_token": theirs}).status_code == 400

    def test_every_form_carries_a_token_of_its_own(self, staff):
        for form in re.findall(r"<form.*?</form>", staff.get("/admin/movies/new").text, re.DOTALL):
            assert ("csrf_token" in form) == ('method="post"' in form)
