"""The composition root: the only place that knows both sides.

``main`` is the command line, ``wsgi_app`` what each server process runs.
"""

import logging
import time
from collections.abc import Callable
from functools import partial

from flask import Flask

from ticketing.adapters.passwords import Argon2Hasher, common_passwords
from ticketing.adapters.secret_file import kept_secret, place_of_secret
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine import Database
from ticketing.adapters.sql.known_shows import KnownShows
from ticketing.adapters.sql.log_end import LogEnd, end_of_log
from ticketing.adapters.sql.opening import open_database, open_replica
from ticketing.adapters.sql.queries import SqlQueries
from ticketing.adapters.sql.read_back import ReadBack
from ticketing.adapters.sql.reader import Reader
from ticketing.adapters.sql.replica import ReplicaReader
from ticketing.adapters.sql.store_time import Clock, system_clock
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.account import Account, PasswordRules
from ticketing.domain.account_service import AccountService, LogIn
from ticketing.domain.booking_service import BookingService
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.programme_service import ProgrammeService
from ticketing.domain.session import Session
from ticketing.entrypoints.http.app import create_app as create_http_app
from ticketing.entrypoints.http.context import HttpConfig, Served
from ticketing.entrypoints.http.housekeeping import keep_house
from ticketing.entrypoints.http.revocations import Revocations
from ticketing.entrypoints.http.tokens import access_token_for
from ticketing.settings import Settings, environment


def open_box_office(
    settings: Settings,
    database: Database,
    clock: Clock | None = None,
    replica: Database | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> BoxOffice:
    """The services over a database; the clocks replace the real time, for tests."""
    transactions = SqlTransactions(database, clock, known=KnownShows(monotonic))
    log_end = LogEnd(partial(end_of_log, database), monotonic)
    reader = ReplicaReader(replica, Reader(database), log_end, monotonic) if replica else None
    queries = SqlQueries(database, settings.sales_grace, clock or system_clock, reader)
    common = common_passwords() if settings.refuse_common_passwords else frozenset[str]()
    return BoxOffice(
        bookings=BookingService(transactions, settings.sales_grace),
        programme=ProgrammeService(ReadBack(transactions, log_end)),
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
    replica = _replica(settings)
    office = open_box_office(settings, database, clock, replica, monotonic)
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
        Served(office, config, revocations, lambda: schema.is_current(database.engine), monotonic)
    )
    app.extensions["ticketing.database"] = database  # for whoever has to close it
    app.extensions["ticketing.replica"] = replica  # likewise; None where there is none
    return app


def _replica(settings: Settings) -> Database | None:
    url = settings.read_database_url
    return open_replica(url, pool_size=settings.pool_size) if url else None


def wsgi_app() -> Flask:
    """What each server process runs."""
    settings = Settings.from_env(environment())
    configure_logging(settings)
    app = create_app(settings)
    keep_house(app.extensions["ticketing"].office.bookings.forget_answers)
    return app


def access_tokens(settings: Settings) -> Callable[[Account], str]:
    """What makes access tokens that every server with these settings takes.

    Each names a session that nobody opened: it is not kept, and nothing can end it.
    """
    app = create_app(settings)

    def token_for(account: Account) -> str:
        lifetime = settings.access_token_lifetime
        session = Session.open(account.id, rotates=False, now=system_clock(), lifetime=lifetime)
        with app.app_context():
            return str(access_token_for(LogIn(account, session))["access"])

    return token_for


def configure_logging(settings: Settings) -> None:
    level = settings.log_level.upper()
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if level == "INFO":
        logging.getLogger("alembic").setLevel(logging.WARNING)  # it talks a lot
