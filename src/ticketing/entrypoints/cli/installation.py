"""The settings and the database that commands work with."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError

from ticketing import bootstrap, logs
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.open import open_database
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.errors import Busy, root_cause
from ticketing.settings import Settings, SettingsError, environment

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)


class CannotRun(Exception):
    """The operator has to fix something first, such as a setting or an old schema."""


class DatabaseUnreachable(CannotRun):
    """The database is down, or its URL is wrong."""


def pass_settings(command: Callable[Concatenate[Settings, P], T]) -> Callable[P, T]:
    """Pass the settings to a command as its first argument.

    They are those of the click context, or else read from the environment, so that ``--help``
    works without any.
    """

    @wraps(command)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        settings = click.get_current_context().find_object(Settings) or read_settings()
        return command(settings, *args, **kwargs)

    return call


def read_settings(*, signs_tokens: bool = True) -> Settings:
    """Return the settings of the environment. Raises CannotRun.

    A process that signs no tokens needs no secret key.
    """
    try:
        settings = Settings.from_env(environment(), signs_tokens=signs_tokens)
    except SettingsError as error:
        raise CannotRun(str(error)) from error
    logs.configure(settings.log_level, settings.log_format)
    for warning in settings.warnings:
        logger.warning(warning)
    return settings


def connect(settings: Settings) -> Database:
    """Return the database. Its connections are closed when the command ends."""
    database = open_database(settings.database_url, pool_size=settings.pool_size)
    click.get_current_context().call_on_close(database.engine.dispose)
    return database


def open_box_office(settings: Settings) -> BoxOffice:
    """Return the services of the box office. Raises CannotRun for an outdated schema."""
    database = connect(settings)
    require_current_schema(database)
    return bootstrap.open_box_office(settings, database)


def require_current_schema(database: Database) -> str:
    """Return the revision of the schema. Raises CannotRun if it is outdated.

    A newer schema only logs a warning: an upgrade migrates before it replaces the servers.
    """
    with database_errors():
        revision = schema.revision(database.engine)
    if revision is None:
        raise CannotRun("The database is empty: run `ticketing migrate`.")
    if revision < schema.HEAD:
        raise CannotRun(
            f"The database schema is out of date (revision {revision}): run `ticketing migrate`."
        )
    if revision > schema.HEAD:
        logger.warning(
            "The database schema (revision %s) is newer than this software: upgrade this server.",
            revision,
        )
    return revision


@contextmanager
def database_errors() -> Iterator[None]:
    """Show the operator the driver's message, which clients never see."""
    try:
        yield
    except Busy as busy:
        raise DatabaseUnreachable(
            f"The database cannot be reached: {first_line_of_cause(busy)}."
        ) from busy
    except SQLAlchemyError as error:
        raise CannotRun(f"The database cannot be used: {first_line_of_cause(error)}.") from error


def first_line_of_cause(error: Exception) -> str:
    return root_cause(error).rstrip(".")
