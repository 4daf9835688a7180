"""The application over an SQLite file, which every test finds empty."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from tests.builders import Clock
from tests.integration.http.documented import CheckedClient, Documents
from tests.integration.http.stage import Client, Stage
from ticketing.adapters.sql.engine import Database
from ticketing.bootstrap import create_app
from ticketing.settings import Settings

SECRET_KEY = "a key for tests that is long enough"

MakeApp = Callable[..., Flask]


class Time(Clock):
    """Begins a day ago: the library of the tokens looks at the real time, and takes none that was
    made in the future. Of its two clocks ``monotonic`` is the one that no test sets back."""

    def __init__(self) -> None:
        self.monotonic_seconds = 0.0
        self.start()

    def start(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)

    def advance(self, **by: float) -> None:
        super().advance(**by)
        self.monotonic_seconds += timedelta(**by).total_seconds()

    def monotonic(self) -> float:
        return self.monotonic_seconds


@pytest.fixture(scope="session")
def time() -> Time:
    return Time()


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("http") / "ticketing.db"


@pytest.fixture(scope="session")
def empty_store(sqlite_template: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(sqlite_template)) as store:
        yield store


@pytest.fixture(scope="session")
def make_app(file: Path, time: Time) -> Iterator[MakeApp]:
    """An application with settings of its own: ``make_app(PAGE_SIZE="5")``.

    One costs as much as a hundred requests, so there is but one with the same settings.
    """

    opened: list[Database] = []

    @cache
    def make(**settings: str) -> Flask:
        given = {"DATABASE_URL": f"sqlite:///{file}", "SECRET_KEY": SECRET_KEY} | settings
        named = {f"TICKETING_{name}": value for name, value in given.items()}
        app = create_app(Settings.from_env(named), time, time.monotonic)
        opened.append(app.extensions["ticketing.database"])
        app.test_client_class = CheckedClient
        app.extensions["documents under test"] = Documents(app)
        return app

    yield make
    for database in opened:
        database.engine.dispose()


@pytest.fixture(autouse=True)
def begin_anew(file: Path, empty_store: sqlite3.Connection, time: Time) -> None:
    with closing(sqlite3.connect(file)) as store:
        store.execute("PRAGMA synchronous=OFF")
        empty_store.backup(store)
    time.start()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def clock(time: Time) -> Time:
    return time


@pytest.fixture
def stage(app: Flask, clock: Time) -> Stage:
    return Stage(app, clock)


@pytest.fixture
def guest(stage: Stage) -> Client:
    return stage.guest()


@pytest.fixture
def maria(stage: Stage) -> Client:
    return stage.customer("maria")


@pytest.fixture
def otto(stage: Stage) -> Client:
    return stage.customer("otto")


@pytest.fixture
def staff(stage: Stage) -> Client:
    return stage.staff()
