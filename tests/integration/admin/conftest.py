"""The staff pages over a database that is empty at the start of each test."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from tests.integration.admin.browser import AdminCinema, Browser
from tests.integration.api.conftest import SECRET_KEY, Time, copy_database
from tests.integration.databases import skip_fsync
from ticketing.bootstrap import create_app
from ticketing.settings import Settings

MakeApp = Callable[..., Flask]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("admin") / "ticketing.db"


@pytest.fixture(scope="session")
def time() -> Time:
    return Time()


@pytest.fixture(scope="session")
def make_app(store: Path, time: Time) -> Iterator[MakeApp]:
    """Create an application with these settings, or return the existing one."""
    apps: list[Flask] = []

    @cache
    def make(**settings: str) -> Flask:
        usual = {
            "DATABASE_URL": f"sqlite:///{store}",
            "SECRET_KEY": SECRET_KEY,
            "TIMEZONE": "Europe/London",
            "MAX_SEATS_PER_SHOW": "0",
        }
        named = {f"TICKETING_{name}": value for name, value in (usual | settings).items()}
        apps.append(create_app(Settings.from_env(named), time, time.monotonic))
        skip_fsync(apps[-1].extensions["ticketing.database"])
        return apps[-1]

    yield make
    for app in apps:
        app.extensions["ticketing.database"].engine.dispose()


@pytest.fixture(autouse=True)
def empty_store(store: Path, sqlite_template: Path, time: Time) -> None:
    with closing(sqlite3.connect(sqlite_template)) as template:
        copy_database(template, store)
    time.start()


@pytest.fixture
def clock(time: Time) -> Time:
    return time


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def cinema(app: Flask, clock: Time) -> AdminCinema:
    return AdminCinema(app, clock)


@pytest.fixture
def guest(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def staff(cinema: AdminCinema) -> Browser:
    return cinema.logged_in_browser("staff")


@pytest.fixture
def admin(cinema: AdminCinema) -> Browser:
    return cinema.logged_in_browser("admin")
