"""The composition root: the only place that knows both sides.

``main`` is the command line, ``wsgi_app`` what each server process runs.
"""

import logging
import time
from collections.abc import Callable

from flask import Flask

from ticketing.adapters.passwords import Argon2Hasher, common_passwords
from ticketing.adapters.secret_file import kept_secret, place_of_secret
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine import Database
from ticketing.adapters.sql.opening import open_database
from ticketing.adapters.sql.queries import SqlQueries
from ticketing.adapters.sql.store_time import Clock, system_clock
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.account import PasswordRules
from ticketing.domain.account_service import AccountService
from ticketing.domain.booking_service import BookingService
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.programme_service import ProgrammeService
from ticketing.entrypoints.http.app import create_app as create_http_app
from ticketing.entrypoints.http.context import HttpConfig, Served
from ticketing.entrypoints.http.revocations import Revocations
from ticketing.settings import Settings, environment


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
    app = create_http_app(
        Served(office, config, revocations, lambda: schema.is_current(database.engine))
    )
    app.extensions["ticketing.database"] = database  # for whoever has to close it
    return app


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
