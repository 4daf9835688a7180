"""The composition root: builds the services and the web application from the settings."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask

from ticketing import logs, tracing
from ticketing.adapters.compartment import Compartment
from ticketing.adapters.email_addresses import NAME_KEYS
from ticketing.adapters.mail.logged import LoggedMailer
from ticketing.adapters.mail.rendering import MailRenderer
from ticketing.adapters.mail.smtp import MailServer, SmtpMailer
from ticketing.adapters.passwords import Argon2Hasher, common_passwords
from ticketing.adapters.reset_tokens import SignedResetTokens
from ticketing.adapters.secret_file import default_secret_path, load_or_create_secret
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine.clock import Clock, system_clock
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.engine.telemetry import NO_TELEMETRY
from ticketing.adapters.sql.open import open_database, open_replica, sql_queries
from ticketing.adapters.sql.programme.seat_plan_cache import SeatPlanCache
from ticketing.adapters.sql.replica import PrimaryWalPosition, ReplicaReader, read_wal_position
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.account_service import AccountService
from ticketing.domain.accounts.password_reset_service import PasswordResetService
from ticketing.domain.accounts.passwords import Passwords
from ticketing.domain.accounts.session import Session, SessionPolicy
from ticketing.domain.accounts.session_service import LogIn, SessionService
from ticketing.domain.accounts.throttle import (
    LOG_INS,
    RESET_MAILS,
    Limit,
    Throttle,
    purge_old_attempts,
)
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.keys import derived_key
from ticketing.domain.mails import Delivery, Mailer
from ticketing.domain.messages.sending_service import SendingService
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.screen_service import ScreenService
from ticketing.domain.sales.batch import grouped_sales
from ticketing.domain.sales.best_available.best_available_service import BestAvailableService
from ticketing.domain.sales.blocked_seats_service import BlockedSeatsService
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.sales.waiting_list.offers import OfferService
from ticketing.domain.sales.waiting_list.waiting_list_service import WaitingListService
from ticketing.domain.unit_of_work import NotifyingTransactions
from ticketing.entrypoints.housekeeping import repeat_each_second, start_housekeeping
from ticketing.entrypoints.http.app import create_app as create_http_app
from ticketing.entrypoints.http.web.context import Served
from ticketing.entrypoints.http.web.request_log import about_request
from ticketing.entrypoints.http.web.response_cache import ResponseCache
from ticketing.entrypoints.http.web.revocations import Revocations
from ticketing.entrypoints.http.web.seat_events import SeatEvents
from ticketing.entrypoints.http.web.tokens import access_token_for
from ticketing.entrypoints.http.web.urls import ACCOUNT_PAGE, RESET_PAGE
from ticketing.entrypoints.live.app import LiveApp
from ticketing.entrypoints.live.seat_maps import SeatMapClient
from ticketing.settings import Settings, environment

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

SENDERS = 4
"""Threads of a server process that send mails, so that none waits behind one slow connection."""

READY_SECONDS = 0.5
"""How long a health check repeats: after a fail-over, a server's connections are all lost."""


def open_box_office(
    settings: Settings,
    database: Database,
    clock: Clock | None = None,
    replica: Database | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    secrets: Sequence[str] = (),
    on_change: Sequence[Callable[[], None]] = (),
    url: str = "",
) -> BoxOffice:
    """Return the services over a database. The clocks replace the real time in tests.

    ``secrets`` are the server's keys, the signing one first. The command line has none: its
    log-in attempts are not limited, and it sends no mails. ``on_change`` is called after each
    change of the programme and each cancellation. Links in mails lead to the public URL, or to
    ``url``.
    """
    # Half of the connections are left to others.
    places = min(settings.max_lock_waits, max(1, settings.pool_size // 2))
    lock_waits = _compartment("waits for locks", places)
    plans = SeatPlanCache(monotonic)
    transactions = SqlTransactions(
        database, clock, plans=plans, lock_waits=lock_waits, sends_mails=settings.sends_mails
    )
    wal_position = PrimaryWalPosition(partial(read_wal_position, database), monotonic)
    reader = ReplicaReader(replica, Reader(database), wal_position, monotonic) if replica else None
    queries = sql_queries(database, settings.sales_grace, clock, reader, plans)
    changes = NotifyingTransactions(transactions, [wal_position.expire, *on_change])
    policy = SalesPolicy(
        settings.sales_grace,
        per_account=settings.seats_per_customer,
        hold=settings.hold_duration,
        max_hold=settings.max_hold_duration,
    )
    sell = grouped_sales(transactions, policy)
    holds = HoldService(transactions, policy, sell)
    waiting_list = WaitingListService(transactions, policy)

    def end_holds_and_entries(account_id: AccountId) -> None:
        waiting_list.leave_all_of(account_id)  # first: entries that wait could become holds
        holds.release_all_of(account_id)

    def throttle(limit: Limit, purpose: str) -> Throttle:
        is_limited = settings.ratelimit and secrets
        key = derived_key(secrets[0], purpose) if is_limited else None
        return Throttle(transactions, limit, key, NAME_KEYS.main)

    common = common_passwords() if settings.refuse_common_passwords else frozenset[str]()
    passwords = Passwords(Argon2Hasher(), settings.password_min_length, common)
    accounts = transactions, queries.accounts, passwords
    session_policy = SessionPolicy(
        lifetime=settings.refresh_token_lifetime,
        access_token_lifetime=settings.access_token_lifetime,
        per_account=settings.sessions_per_account,
    )
    log_ins = throttle(LOG_INS, "failed log-ins")
    tokens = SignedResetTokens([derived_key(secret, "password reset") for secret in secrets])
    reset_mails = throttle(RESET_MAILS, "password reset mails")
    messages = None
    if settings.sends_mails:
        mailer = _mailer(settings, settings.public_url or url)
        read = queries.accounts, queries.programme, queries.waiting_list
        deliver = Delivery(*read, tokens, reset_mails, mailer)
        report = database.telemetry.message
        messages = SendingService(transactions, queries.messages, deliver, report)
    return BoxOffice(
        best_available=BestAvailableService(transactions, policy),
        bookings=BookingService(transactions, policy, cancellations=changes, sell=sell),
        holds=holds,
        waiting_list=waiting_list,
        offers=OfferService(transactions, queries.waiting_list),
        blocked_seats=BlockedSeatsService(changes),
        programme=ProgrammeService(changes, settings.cleaning),
        screens=ScreenService(changes),
        accounts=AccountService(*accounts, log_ins, NAME_KEYS, end_holds_and_entries),
        sessions=SessionService(*accounts, log_ins, session_policy),
        password_resets=PasswordResetService(
            *accounts,
            tokens,
            derived_key(secrets[0] if secrets else "", "password reset requests"),
            NAME_KEYS.main,
        ),
        messages=messages,
        queries=queries,
        transactions=transactions,
    )


def _mailer(settings: Settings, url: str) -> Mailer:
    render = MailRenderer(
        sender=settings.mail_from or "ticketing@cinema.example",
        cinema=settings.cinema_name,
        zone=settings.timezone,
        reset_link=f"{url}{RESET_PAGE}?token=",
        account_page=f"{url}{ACCOUNT_PAGE}",
    ).render
    if settings.smtp_url:
        return SmtpMailer(MailServer.from_url(settings.smtp_url), render)
    return LoggedMailer(render)


def create_app(
    settings: Settings,
    clock: Clock | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    provider: "TracerProvider | None" = None,
    url: str = "http://localhost:8000",
) -> Flask:
    """Return the web application, served at ``url``. It does not connect to the database yet."""
    meter = None
    if settings.metrics_token:
        from ticketing.adapters.prometheus import Meter  # reads PROMETHEUS_MULTIPROC_DIR

        meter = Meter()
    limits = {"pool_size": settings.pool_size, "max_seconds": settings.database_seconds}
    telemetry = meter or NO_TELEMETRY
    database = open_database(settings.database_url, telemetry=telemetry, **limits)
    databases, replica = {"primary": database}, None
    if settings.read_database_url:
        replica = open_replica(settings.read_database_url, telemetry=telemetry, **limits)
        databases["replica"] = replica
    for name, used in databases.items():
        if meter:
            meter.watch_pool(name, used.engine, settings.pool_size)
    secret = settings.secret_key or load_or_create_secret(default_secret_path(database.file))
    secrets = (secret, *settings.old_secret_keys)
    lists = ResponseCache(monotonic)
    office = open_box_office(
        settings, database, clock, replica, monotonic, secrets, on_change=[lists.clear], url=url
    )
    kept_after_end = office.sessions.policy.kept_after_end
    served = Served(
        office=office,
        settings=settings,
        secrets=secrets,
        revocations=Revocations(office.queries.accounts, kept_after_end, monotonic),
        lists=lists,
        seat_events=SeatEvents(monotonic),
        password_checks=_compartment("password checks", settings.max_password_checks).place,
        is_ready=partial(Retry(READY_SECONDS), partial(schema.is_current, database.engine)),
        monotonic=monotonic,
        meter=meter,
    )
    if provider:
        tracing.trace_statements([used.engine for used in databases.values()], provider)
        app = create_http_app(served, partial(tracing.trace_requests, provider=provider))
    else:
        app = create_http_app(served)
    app.extensions["ticketing.database"] = database
    app.extensions["ticketing.replica"] = replica
    return app


def _compartment(work: str, places: int) -> Compartment:
    """Return a compartment of which one key has half, such as a client address or a show."""
    return Compartment(work, places, per_key=max(1, places // 2))


def wsgi_app(url: str) -> Flask:
    """Return the application that each server process runs, served at ``url``."""
    settings = Settings.from_env(environment())
    logs.configure(settings.log_level, settings.log_format, about_request)
    provider = tracing.exporting_provider() if settings.tracing else None
    app = create_app(settings, provider=provider, url=url)
    office: BoxOffice = app.extensions["ticketing"].office
    start_housekeeping(
        office.bookings.purge_answers,
        office.waiting_list.purge,
        office.holds.purge,
        office.sessions.end_excess_sessions,
        office.sessions.purge_sessions,
        partial(purge_old_attempts, office.transactions),
        *([office.messages.purge] if office.messages else []),
    )

    def start(name: str, job: Callable[[], None]) -> None:
        repeat_each_second(name, tracing.untraced(job) if provider else job)

    if office.messages:
        for _ in range(SENDERS):
            start("mails", office.messages.send_due)
    start("offers to waiting customers", office.offers.serve_all)
    return app


def live_app() -> LiveApp:
    """Return the application that streams seat maps. It has no database and no keys."""
    settings = Settings.from_env(environment(), signs_tokens=False)
    logs.configure(settings.log_level, settings.log_format)
    host = next(iter(settings.known_hosts), "")  # the servers of a production refuse others
    return LiveApp(SeatMapClient(settings.server_urls, host).read, settings.cors_origins)


def access_tokens(settings: Settings) -> Callable[[Account], str]:
    """Return a function that makes access tokens for servers with the same settings.

    Their sessions are not stored, so they cannot be revoked.
    """
    app = create_app(settings)

    def token_for(account: Account) -> str:
        lifetime = settings.access_token_lifetime
        session = Session.open(account.id, rotates=False, now=system_clock(), lifetime=lifetime)
        with app.app_context():
            return str(access_token_for(LogIn(account, session))["access"])

    return token_for
