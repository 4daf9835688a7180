"""A browser for tests that opens pages and submits their forms."""

import html
import re
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, session
from werkzeug.test import TestResponse

from tests.builders import PASSWORD, register
from tests.integration.api.cinema import Cinema
from ticketing.adapters.passwords import Argon2Hasher
from ticketing.domain.accounts.account import AccountId, Role
from ticketing.domain.paging import Window
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.show import Show
from ticketing.domain.sales.booking import Booking
from ticketing.domain.times import EARLIEST
from ticketing.entrypoints.http.admin.staff_session import start_session

ALL = Window(0, 100)
EVER = ShowFilter(starts_from=EARLIEST)
LONDON = ZoneInfo("Europe/London")

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@cache
def _hashed() -> str:
    return Argon2Hasher().hash(PASSWORD)


class Browser:
    """Keeps cookies, and checks that every response is a page."""

    def __init__(self, app: Flask, origin: str = "http://localhost") -> None:
        self.client = app.test_client()
        self._origin = origin

    def get(self, path: str, **options: Any) -> TestResponse:
        return _checked(self.client.get(path, base_url=self._origin, **options))

    def post(self, path: str, data: Any = None, **options: Any) -> TestResponse:
        """Send data without opening the form first."""
        return _checked(self.client.post(path, data=data, base_url=self._origin, **options))

    def submit(self, path: str, follow: bool = False, **fields: object) -> TestResponse:
        """Open the page, fill in its form and submit it."""
        fields["csrf_token"] = self.token(path)
        return self.post(path, fields, follow_redirects=follow)

    def token(self, path: str = "/admin/") -> str:
        tokens = _TOKEN.findall(self.get(path).text)
        return tokens[-1] if tokens else "none"

    def log_in(self, name: str, password: str = PASSWORD, path: str = "") -> TestResponse:
        return self.submit(f"/admin/log-in{path}", name=name, password=password)


def _checked(answer: TestResponse) -> TestResponse:
    assert answer.mimetype == "text/html"
    assert answer.status_code != 500
    assert not re.search("Traceback|sqlite|sqlalchemy|password_hash|argon2", answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script|\sstyle=|\son[a-z]+=", answer.text)
    return answer


def announced_by(answer: TestResponse, field: str) -> str:
    """The text that a screen reader announces for a field after its label."""
    [tag] = [tag for tag in re.findall("<[^>]*>", answer.text) if f' id="{field}"' in tag]
    [below] = re.findall('aria-describedby="(.*?)"', tag)
    [text] = re.findall(f'<span id="{below}">(.*?)</span>', answer.text)
    return f"invalid: {text}" if 'aria-invalid="true"' in tag else text


def text_of(answer: TestResponse) -> str:
    """The visible text of a page, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


class AdminCinema(Cinema):
    """The data that a test starts with."""

    def account(self, username: str, role: Role = Role.CUSTOMER, **details: Any) -> AccountId:
        details = {"role": role, "password_hash": _hashed()} | details
        return register(self.office.transactions, username, **details)

    def logged_in_browser(self, role: str) -> Browser:
        """A browser with a staff session; it skips the slow check of the password."""
        opened = self.opened(self.account(role, Role(role)), rotates=False)
        with self._app.test_request_context("/admin/"):
            start_session(opened)
            content = dict(session)
        browser = Browser(self._app)
        with browser.client.session_transaction("/admin/") as cookie:
            cookie.update(content)
        return browser

    def booked(self, show: Show, *seats: object, by: str = "maria") -> Booking:
        known = self.office.queries.accounts.account_named(by)
        return self.office.bookings.book(
            show.id, seats or [1], known.id if known else self.account(by)
        )

    def shows(self) -> list[Show]:
        offers = self.office.queries.programme.shows(EVER, ALL).items
        return [offer.show for offer in offers]

    @property
    def now(self) -> datetime:
        return self._clock.now


def path_of(booking: Booking) -> str:
    """The path of a booking as links contain it."""
    return f"/admin/bookings/{booking.id}?show_id={booking.show.id}"


def wall_clock(moment: datetime) -> str:
    """The local time as forms contain it."""
    return f"{moment.astimezone(LONDON):%Y-%m-%dT%H:%M}"
