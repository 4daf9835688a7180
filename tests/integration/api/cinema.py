"""The data of HTTP tests: shows, and clients that are logged in."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.builders import A_WEEK, Clock, a_movie, a_screen, a_show, put_on, register
from ticketing.domain.accounts.account import AccountId, Role
from ticketing.domain.accounts.session import Session
from ticketing.domain.accounts.session_service import LogIn
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.programme.movie import Movie
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import Show
from ticketing.entrypoints.http.web.context import Served
from ticketing.entrypoints.http.web.tokens import tokens_for

Client = FlaskClient


class Cinema:
    """Add shows and accounts to the store without HTTP."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    def of(self, app: Flask) -> "Cinema":
        """Return the cinema for another application over the same store."""
        return Cinema(app, self._clock)

    @property
    def office(self) -> BoxOffice:
        served: Served = self._app.extensions["ticketing"]
        return served.office

    def show(self, *, hours: float = 2, seats: int = 50, width: int = 10, **details: Any) -> Show:
        """Add a show that starts in so many hours."""
        starts_at = self._clock.now + timedelta(hours=hours)
        plan = plain_grid(seats, width)
        settings = {"starts_at": starts_at, "plan": plan, "screen": a_screen(plan=plan)} | details
        return put_on(self.office.transactions, a_show(**settings))

    def movie(self, title: str = "Metropolis", **details: Any) -> Movie:
        return self.office.programme.add_movie(a_movie(title, **details))

    def guest(self) -> Client:
        return self._app.test_client()

    def customer(self, username: str = "maria") -> Client:
        return self.user(username, Role.CUSTOMER)

    def staff(self) -> Client:
        return self.user("staff", Role.STAFF)

    def user(self, username: str, role: Role) -> Client:
        """Return a client with the access token of a new account."""
        account_id = register(self.office.transactions, username, role=role)
        return self.bearing(self.tokens(account_id)["access"])

    def bearing(self, access: str) -> Client:
        client = self._app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {access}"
        return client

    def tokens(self, account_id: AccountId, *, rotates: bool = True) -> dict[str, Any]:
        """Return the tokens of a new session."""
        opened = self.opened(account_id, rotates=rotates)
        with self._app.app_context():
            return tokens_for(opened)

    def opened(self, account_id: AccountId, *, rotates: bool) -> LogIn:
        """Open a session without a password, which is slow to hash."""
        session = Session.open(account_id, rotates=rotates, now=self._clock.now, lifetime=A_WEEK)

        def work(uow: Any) -> LogIn:
            uow.sessions.add(session)
            return LogIn(uow.accounts.get(account_id), session)

        return self.office.transactions(work)


def book(client: Client, show: Show, *seats: object) -> Any:
    """Book the seats and return the booking."""
    answer = client.post(f"/api/shows/{show.id}/book", json={"seats": seats or [1]})
    assert answer.status_code == 201, answer.json
    return answer.json


def hold(client: Client, show: Show, *seats: object) -> Any:
    """Hold the seats and return the hold."""
    answer = client.post(f"/api/shows/{show.id}/holds", json={"seats": seats})
    assert answer.status_code == 201, answer.json
    return answer.json


def wait_for(client: Client, show: Show, count: int = 1, *, together: bool = False) -> Any:
    """Join the waiting list of the show and return the entry."""
    body = {"count": count, "together": together}
    answer = client.post(f"/api/shows/{show.id}/waiting-list", json=body)
    assert answer.status_code == 201, answer.json
    return answer.json
