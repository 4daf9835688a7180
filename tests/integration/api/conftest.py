"""The application over a store that is emptied before every test."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from flask import Flask

from tests.builders import Clock
from tests.integration.api.cinema import Cinema, Client
from tests.integration.api.documented import CheckedClient, Documents
from tests.integration.databases import (
    READ_COMMITTED,
    at_level,
    delete_all,
    migrate,
    new_database,
    skip_fsync,
)
from ticketing.adapters.sql.engine.database import Database
from ticketing.bootstrap import create_app
from ticketing.settings import Settings

SECRET_KEY = "a key for tests that is long enough"

COUNT_FROM_1 = (
    "SELECT setval(oid::regclass, 1, false) FROM pg_class"
    " WHERE relkind = 'S' AND relname <> 'seat_plans_id_seq'"
)
"""But plans get new ids, since the servers of all tests remember plans."""

MakeApp = Callable[..., Flask]


class Time(Clock):
    """Begin a day ago: PyJWT uses the real time and refuses tokens from the future.

    No test sets ``monotonic`` back.
    """

    def __init__(self) -> None:
        self.monotonic_seconds = 0.0
        self.start()

    def start(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
        self.monotonic_seconds += 1  # expires all caches

    def advance(self, **by: float) -> None:
        super().advance(**by)
        self.monotonic_seconds += timedelta(**by).total_seconds()

    def monotonic(self) -> float:
        return self.monotonic_seconds


@pytest.fixture(scope="session")
def time() -> Time:
    return Time()


@dataclass(frozen=True)
class Store:
    url: str
    empty: Callable[[], None]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "every_store: runs on PostgreSQL too")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests on SQLite, and tests marked every_store on PostgreSQL too."""
    if metafunc.definition.get_closest_marker("every_store"):
        metafunc.parametrize("store", ["sqlite", READ_COMMITTED], indirect=True, scope="session")


@pytest.fixture(scope="session")
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    name = getattr(request, "param", "sqlite")
    if name == "sqlite":
        file = request.getfixturevalue("tmp_path_factory").mktemp("http") / "ticketing.db"
        with closing(sqlite3.connect(request.getfixturevalue("sqlite_template"))) as template:
            yield Store(f"sqlite:///{file}", lambda: copy_database(template, file))
    else:
        with new_database(request.getfixturevalue("postgresql_server")) as url:
            migrate(url)
            yield Store(at_level(name, url), lambda: delete_all(url, then=COUNT_FROM_1))


_FIRST_PLAN_IDS = count(1000, step=1000)


def copy_database(template: sqlite3.Connection, file: Path) -> None:
    """Replace the store. Its plans get new ids, as on PostgreSQL."""
    with closing(sqlite3.connect(file)) as store:
        store.execute("PRAGMA synchronous=OFF")
        template.backup(store)
        store.execute("DELETE FROM sqlite_sequence WHERE name = 'seat_plans'")
        store.execute(
            "INSERT INTO sqlite_sequence VALUES ('seat_plans', ?)", [next(_FIRST_PLAN_IDS)]
        )
        store.commit()


@pytest.fixture(scope="session")
def make_app(store: Store, time: Time) -> Iterator[MakeApp]:
    """An application with settings of its own: ``make_app(PAGE_SIZE="5")``.

    One costs as much as a hundred requests, so there is but one with the same settings.
    """

    opened: list[Database] = []

    @cache
    def make(**settings: str) -> Flask:
        given = {"DATABASE_URL": store.url, "SECRET_KEY": SECRET_KEY, "RATELIMIT": "off"} | settings
        named = {f"TICKETING_{name}": value for name, value in given.items()}
        app = create_app(Settings.from_env(named), time, time.monotonic)
        opened.append(app.extensions["ticketing.database"])
        skip_fsync(opened[-1])
        app.test_client_class = CheckedClient
        app.extensions["documents under test"] = Documents(app)
        return app

    yield make
    for database in opened:
        database.engine.dispose()


@pytest.fixture(autouse=True)
def reset_store_and_time(store: Store, time: Time) -> None:
    store.empty()
    time.start()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def clock(time: Time) -> Time:
    return time


@pytest.fixture
def cinema(app: Flask, clock: Time) -> Cinema:
    return Cinema(app, clock)


@pytest.fixture
def guest(cinema: Cinema) -> Client:
    return cinema.guest()


@pytest.fixture
def maria(cinema: Cinema) -> Client:
    return cinema.customer("maria")


@pytest.fixture
def otto(cinema: Cinema) -> Client:
    return cinema.customer("otto")


@pytest.fixture
def staff(cinema: Cinema) -> Client:
    return cinema.staff()
