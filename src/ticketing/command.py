"""The command ``ticketing``: what its commands work with is put together here."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import SQLAlchemyError

from ticketing import logs, tracing
from ticketing.adapters.secret_file import default_secret_path
from ticketing.adapters.sql import citus as distribution
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine.clock import system_clock
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.open import open_database, open_replica
from ticketing.bootstrap import access_tokens, open_box_office, wsgi_app
from ticketing.doctor import examine
from ticketing.domain.accounts.account import Account
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.errors import Busy
from ticketing.entrypoints.cli import CannotRun, run
from ticketing.entrypoints.cli.findings import Finding
from ticketing.entrypoints.server import require_free, serve
from ticketing.settings import Settings, SettingsError, environment

DEMO_SETTINGS = {"TICKETING_PASSWORD_MIN_LENGTH": "6", "TICKETING_COMMON_PASSWORDS": "allow"}


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

    def access_tokens(self) -> Callable[[Account], str]:
        return access_tokens(self.settings)

    def migrate(self, *, sql: bool = False, wait: float = 2) -> None:
        if sql:
            click.echo(schema.migration_sql(self._database.engine))
            return
        with _reaching_the_database():
            schema.migrate(self._database.engine, wait)
            self._demand_current_schema()

    def check_migrations(self) -> None:
        with _reaching_the_database():
            self._demand_current_schema()
            if difference := schema.difference(self._database.engine):
                raise CannotRun(difference)

    def distribute(self) -> bool:
        try:
            with _reaching_the_database():
                distribution.require_postgresql(self._database.engine)
                self._demand_current_schema()
                return distribution.distribute(self._database.engine)
        except distribution.CannotDistribute as refusal:
            raise CannotRun(str(refusal)) from refusal

    def demand_address(self, host: str, port: int) -> None:
        require_free(host, port)

    def examine(self, servers: int) -> Iterator[Finding]:
        settings, size = self.settings, self.settings.pool_size
        url = settings.read_database_url
        replica = open_replica(url, pool_size=size) if url else None
        kept_secret = default_secret_path(self._database.file)
        yield from examine(settings, environment(), self._database, replica, kept_secret, servers)

    def serve(
        self, host: str, port: int, workers: int, threads: int, announce: Callable[[], None]
    ) -> None:
        if self.settings.tracing and not tracing.is_installed():
            raise CannotRun(tracing.MISSING)
        try:
            with _reaching_the_database():
                self._demand_current_schema()
        except DatabaseAway as away:
            logging.getLogger(__name__).warning("%s Answering 503 until it is back.", away)
        self._database.engine.dispose()  # the server processes open their own
        with _place_for_figures(self.settings):
            serve(wsgi_app, host, port, workers, threads, self.settings.request_seconds, announce)

    def _demand_current_schema(self) -> None:
        found = schema.revision(self._database.engine)
        if found is not None and found > schema.HEAD:
            newer = "The database is newer (schema %s) than this software. Is it to be upgraded?"
            logging.getLogger(__name__).warning(newer, found)
        elif found != schema.HEAD:
            state = "is empty" if found is None else f"is older (schema {found})"
            raise CannotRun(f"The database {state}: run `ticketing migrate`.")


@contextmanager
def _place_for_figures(settings: Settings) -> Iterator[None]:
    """A new directory where server processes add up what they count, those that died too."""
    if not settings.metrics_token:
        yield
        return
    with TemporaryDirectory(prefix="ticketing-figures-") as directory:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
        yield


class DatabaseAway(CannotRun):
    """For now, or because its address is wrong."""


@contextmanager
def _reaching_the_database() -> Iterator[None]:
    """Tell an operator what the driver says, which clients are never told."""
    try:
        yield
    except Busy as busy:
        raise DatabaseAway(f"The database cannot be reached: {_first_line(busy)}.") from busy
    except SQLAlchemyError as error:
        raise CannotRun(f"The database cannot be used: {_first_line(error)}.") from error


def _first_line(error: Exception) -> str:
    return str(error.__cause__ or error).strip().partition("\n")[0]


def _tools() -> Operation:
    try:
        settings = Settings.from_env(environment())
    except SettingsError as error:
        raise CannotRun(str(error)) from error
    logs.configure(settings.log_level, settings.log_format)
    for warning in settings.warnings:
        logging.getLogger(__name__).warning(warning)
    return Operation(settings)


def command() -> None:
    """The command ``ticketing``."""
    run(_tools)
