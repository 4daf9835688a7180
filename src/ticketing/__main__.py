"""The command ``ticketing``: what its commands work with is put together here."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import SQLAlchemyError

from ticketing.adapters.sql import distribution, schema
from ticketing.adapters.sql.engine import Database
from ticketing.adapters.sql.opening import open_database
from ticketing.adapters.sql.store_time import system_clock
from ticketing.bootstrap import access_tokens, configure_logging, open_box_office, wsgi_app
from ticketing.domain.account import Account
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.errors import Busy
from ticketing.entrypoints.cli import CannotRun, run
from ticketing.entrypoints.http.server import demand_free, serve
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

    def migrate(self, *, sql: bool = False) -> None:
        if sql:
            click.echo(schema.migration_sql(self._database.engine))
            return
        with _reaching_the_database():
            schema.migrate(self._database.engine)
            self._demand_current_schema()

    def check_migrations(self) -> None:
        with _reaching_the_database():
            self._demand_current_schema()
            if difference := schema.difference(self._database.engine):
                raise CannotRun(difference)

    def distribute(self) -> bool:
        try:
            with _reaching_the_database():
                distribution.demand_postgresql(self._database.engine)
                self._demand_current_schema()
                return distribution.distribute(self._database.engine)
        except distribution.CannotDistribute as refusal:
            raise CannotRun(str(refusal)) from refusal

    def demand_address(self, host: str, port: int) -> None:
        demand_free(host, port)

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
        found = schema.revision(self._database.engine)
        if found is not None and found > schema.HEAD:
            raise CannotRun(f"The database is newer (schema {found}) than this software.")
        if found != schema.HEAD:
            state = "is empty" if found is None else f"is older (schema {found})"
            raise CannotRun(f"The database {state}: run `ticketing migrate`.")


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
    configure_logging(settings)
    for warning in settings.warnings:
        logging.getLogger(__name__).warning(warning)
    return Operation(settings)


def main() -> None:
    """The command ``ticketing``."""
    run(_tools)


if __name__ == "__main__":
    main()
