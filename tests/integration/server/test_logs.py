"""The request log."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, Response

from tests.builders import PASSWORD
from tests.integration.api.conftest import SECRET_KEY
from ticketing import logs
from ticketing.bootstrap import create_app
from ticketing.domain.errors import Busy
from ticketing.entrypoints.http.web.request_log import about_request
from ticketing.settings import Settings


@pytest.fixture
def app(sqlite_url: str) -> Iterator[Flask]:
    given = {"DATABASE_URL": sqlite_url, "SECRET_KEY": SECRET_KEY, "RATELIMIT": "off"}
    app = create_app(Settings.from_env({f"TICKETING_{k}": v for k, v in given.items()}))
    yield app
    app.extensions["ticketing.database"].engine.dispose()


@contextmanager
def log_of(form: str = "json") -> Iterator[list[Any]]:
    """Collect the parsed lines that are logged in the block."""
    lines: list[Any] = []
    root, written = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter(form, about_request))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        lines += map(json.loads, written.getvalue().splitlines())


def sign_up_and_log_in(app: Flask) -> tuple[int, str]:
    who = {"username": "maria", "password": PASSWORD}
    client = app.test_client()
    account = client.post("/api/auth/signup", json=who)
    tokens = client.post("/api/auth/login", json=who)
    assert account.json and tokens.json
    return account.json["id"], tokens.json["access"]


def test_a_map_that_is_unchanged_is_no_line(app, monkeypatch):
    unchanged = Response(status=304)
    monkeypatch.setitem(app.view_functions, "movies.list_movies", lambda: unchanged)

    with log_of() as lines:
        assert app.test_client().get("/api/movies").status_code == 304

    assert lines == []


def test_a_request_is_one_line(app):
    account_id, access = sign_up_and_log_in(app)
    headers = {"Authorization": f"Bearer {access}", "X-Request-ID": "r-1"}

    with log_of() as lines:
        app.test_client().get("/api/bookings/7?token=hunter2", headers=headers)

    [line] = lines
    assert line.pop("timestamp").endswith("Z")
    assert line.pop("duration_ms") > 0
    assert line == {
        "level": "info",
        "logger": "ticketing.requests",
        "event": "request",
        "request_id": "r-1",
        "user": account_id,
        "method": "GET",
        "route": "/api/bookings/<id:booking_id>",
        "path": "/api/bookings/7",
        "status": 404,
        "address": "127.0.0.1",
        "code": "booking_not_found",
    }


def test_no_secret_is_logged(app):
    with log_of() as lines:
        _, access = sign_up_and_log_in(app)
        client = app.test_client()
        client.set_cookie("session", "hunter2")
        refused = {"Authorization": "Bearer hunter2", "Cookie": "a=hunter2"}
        client.get("/api/my-bookings?token=hunter2", headers=refused)
        client.post("/api/auth/login", json={"username": "maria", "password": "hunter2"})
        client.post("/api/auth/login", data='{"password": "hunter2"')

    logged = json.dumps(lines)
    assert len(lines) == 5
    assert not any(secret in logged for secret in ("hunter2", PASSWORD, access))


def test_clients_cannot_forge_a_line(app):
    with log_of() as lines:
        app.test_client().get("/x%0A%7B%22event%22%3A%22forged%22%7D%1B[2J")
        app.test_client().get("/" + "x" * 60_000)

    assert [line["event"] for line in lines] == ["request", "request"]
    assert all(len(line["path"]) <= 500 for line in lines)


def test_every_line_of_a_request_has_its_id(app, monkeypatch):
    """Also lines of libraries and of errors."""

    def busy(*_args: object) -> None:
        logging.getLogger("some.library").warning("Slow.")
        raise Busy()

    monkeypatch.setattr(app.extensions["ticketing"].office.queries.programme, "movies", busy)
    with log_of() as lines:
        app.test_client().get("/api/movies", headers={"X-Request-ID": "r-2"})

    assert [line["event"] for line in lines] == ["Slow.", f"busy: {Busy.default}", "request"]
    assert {line["request_id"] for line in lines} == {"r-2"}


def test_a_line_outside_of_requests_has_no_id():
    with log_of() as lines:
        logging.getLogger("ticketing").info("Hello.")

    assert "request_id" not in lines[0]


def test_an_unhandled_error_logs_the_traceback_without_values(app):
    engine = app.extensions["ticketing.database"].engine
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER broken BEFORE INSERT ON accounts BEGIN SELECT nonsense(1); END"
        )

    with log_of() as lines:
        who = {"username": "maria", "password": PASSWORD, "email": "hunter2@example.com"}
        answer = app.test_client().post("/api/auth/signup", json=who)

    assert answer.status_code == 500
    crash, request = lines
    assert (crash["level"], crash["event"]) == ("error", "Unhandled error")
    assert "Traceback" in crash["exception"]
    assert "OperationalError" in crash["exception"]
    assert crash["request_id"] == request["request_id"]
    assert "hunter2" not in json.dumps(lines)
    assert "$argon2id$" not in crash["exception"]
