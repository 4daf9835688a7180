"""The composition root: the only place that knows both sides.

``main`` is the command line, ``wsgi_app`` what each server process runs.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from ticketing.adapters.passwords import Argon2Hasher, common_passwords
from ticketing.adapters.secret_file import kept_secret, place_of_secret
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine import Database, open_database
from ticketing.adapters.sql.queries import SqlQueries
from ticketing.adapters.sql.store_time import Clock, system_clock
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.account import PasswordRules
from ticketing.domain.account_service import AccountService
from ticketing.domain.booking_service import BookingService
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.errors import Busy
from ticketing.domain.programme_service import ProgrammeService
from ticketing.domain.revocations import Revocations
from ticketing.entrypoints.cli import CannotRun, run
from ticketing.entrypoints.http.app import create_app as create_http_app
from ticketing.entrypoints.http.context import HttpConfig, Served
from ticketing.entrypoints.http.server import serve
from ticketing.settings import Settings, SettingsError, environment

DEMO_SETTINGS = {"TICKETING_PASSWORD_MIN_LENGTH": "6", "TICKETING_COMMON_PASSWORDS": "allow"}


def open_box_office(
    settings: Settings, database: Database, clock: Clock | None = None
) -> BoxOffice:
    """The services over a database; ``clock`` replaces the real time, for tests."""
    transactions = SqlTransactions(database, clock)
    queries = SqlQueries(database, settings.sales_grace, clock or system_clock)
    common = common_passwords() if settings.refuse_common_passwords else frozenset[str]()
    return BoxOffice(
        bookings=BookingService(transactions, settings.sales_grace),
        programme=ProgrammeService(transactions),
        accounts=AccountService(
            transactions,
            queries,
            Argon2Hasher(),
            PasswordRules(settings.password_min_length, common),
            settings.refresh_token_lifetime,
        ),
        queries=queries,
        transactions=transactions,
    )


def create_app(
    settings: Settings, clock: Clock | None = None, monotonic: Callable[[], float] = time.monotonic
) -> Flask:
    """The web application. The database may be away for now; nothing is asked of it yet."""
    database = open_database(settings.database_url, pool_size=settings.pool_size)
    office = open_box_office(settings, database, clock)
    lifetime = settings.access_token_lifetime
    config = HttpConfig(
        secret_key=settings.secret_key or kept_secret(place_of_secret(database.file)),
        access_token_lifetime=lifetime,
        timezone=settings.timezone,
        page_size=settings.page_size,
        max_page_size=settings.max_page_size,
        public_url=settings.public_url,
        allowed_hosts=settings.known_hosts,
        refuse_strange_hosts=settings.is_production,
        predecessor_paths=settings.predecessor_paths,
    )
    revocations = Revocations(office.queries, lifetime, clock or system_clock, monotonic)
    return create_http_app(
        Served(office, config, revocations, lambda: schema.is_current(database.engine))
    )


def wsgi_app() -> Flask:
    """What each server process runs."""
    settings = Settings.from_env(environment())
    configure_logging(settings)
    return create_app(settings)


def configure_logging(settings: Settings) -> None:
    level = settings.log_level.upper()
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if level == "INFO":
        logging.getLogger("alembic").setLevel(logging.WARNING)  # it talks a lot


@dataclass(frozen=True)
class Operation:
    """The ``Tools`` of the command line."""

    settings: Settings

    @cached_property
    def _database(self) -> Database:
        return open_database(self.settings.database_url, pool_size=self.settings.pool_size)

    @property
    def timezone(self) -> ZoneInfo:
        return self.settings.timezone

    @property
    def is_production(self) -> bool:
        return self.settings.is_production

    @property
    def workers(self) -> int:
        return self.settings.workers

    @property
    def threads(self) -> int:
        return self.settings.threads

    def now(self) -> datetime:
        return system_clock()

    def as_demo(self) -> "Operation":
        """The server processes read the same settings, so these go where they look."""
        given = environment()
        for name, value in DEMO_SETTINGS.items():
            if not given.get(name):
                os.environ[name] = value
        return Operation(Settings.from_env(environment()))

    def box_office(self) -> BoxOffice:
        with _reaching_the_database():
            self._demand_current_schema()
        return open_box_office(self.settings, self._database)

    def migrate(self, *, sql: bool = False) -> None:
        if sql:
            click.echo(schema.migration_sql(self._database.engine))
            return
        with _reaching_the_database():
            schema.migrate(self._database.engine)

    def check_migrations(self) -> None:
        with _reaching_the_database():
            self._demand_current_schema()
            if difference := schema.difference(self._database.engine):
                raise CannotRun(difference)

    def serve(
        self, host: str, port: int, workers: int, threads: int, announce: Callable[[], None]
    ) -> None:
        try:
            with _reaching_the_database():
                self._demand_current_schema()
        except DatabaseAway as away:
            logging.getLogger(__name__).warning("%s Answering 503 until it is back.", away)
        self._database.engine.dispose()  # the server processes open their own
        serve(wsgi_app, host, port, workers, threads, announce)

    def _demand_current_schema(self) -> None:
        if not schema.is_current(self._database.engine):
            raise CannotRun("The database has another schema: run `ticketing migrate`.")


class DatabaseAway(CannotRun):
    """For now, or because its address is wrong."""


@contextmanager
def _reaching_the_database() -> Iterator[None]:
    """Tell an operator what the driver says, which clients are never told."""
    try:
        yield
    except Busy as busy:
        raise DatabaseAway(f"The database is away: {_first_line(busy)}.") from busy
    except SQLAlchemyError as error:
        raise CannotRun(f"The database cannot be used: {_first_line(error)}.") from error


def _first_line(error: Exception) -> str:
    return str(error.__cause__ or error).strip().partition("\n")[0]


def _tools() -> Operation:
    try:
        settings = Settings.from_env(environment())
    except SettingsError as error:
        raise CannotRun(str(error)) from error
    configure_logging(settings)
    for warning in settings.warnings:
        logging.getLogger(__name__).warning(warning)
    return Operation(settings)


def main() -> None:
    """The command ``ticketing``."""
    run(_tools)
