"""ticketing rehearse"""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from math import isqrt
from random import randrange

import click

from ticketing.adapters.sql.engine.clock import system_clock
from ticketing.bootstrap import access_tokens
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.paging import Window
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.rehearsal.consistency import check_consistency
from ticketing.domain.rehearsal.rehearsal_service import Rehearsal, RehearsalService
from ticketing.entrypoints.cli.installation import CannotRun, open_box_office, pass_settings
from ticketing.entrypoints.cli.rehearse.http_client import Measurement
from ticketing.entrypoints.cli.rehearse.load_generator import run_customers, sold_seats
from ticketing.entrypoints.cli.rehearse.report import report_lines
from ticketing.entrypoints.cli.rehearse.server_checks import (
    parse_url,
    require_ready,
    require_same_database,
    require_visible,
)
from ticketing.entrypoints.cli.seat_map import show_heading
from ticketing.settings import Settings

DEFAULT_SEATS = 400
MAX_COLUMNS = 70  # a terminal of 80 columns shows them without a break
PROGRESS_STEPS, PROGRESS_STEPS_ON_TERMINAL = 5, 100


_number = partial(click.option, type=click.IntRange(min=1), metavar="N")


@click.command()
@click.option(
    "--show", "show_id", type=int, metavar="ID", help="Rehearse on an unlisted copy of show ID."
)
@_number(
    "--seats",
    type=click.IntRange(1, MAX_SEATS),
    help=f"Seats of the temporary show, without --show.  [default: {DEFAULT_SEATS}]",
)
@_number("--customers", default=1000, help="Number of customers.")
@_number(
    "--at-once",
    type=click.IntRange(1, 1000),
    default=64,
    help="Number of customers at the same time.",
)
@click.option(
    "--url", default="http://127.0.0.1:8000", callback=parse_url, help="URL of the server."
)
@_number("--seed", type=int, help="Repeat the random choices of a rehearsal.")
@click.option("--clean-up", is_flag=True, help="Only remove what killed rehearsals left behind.")
@pass_settings
def rehearse(
    settings: Settings,
    show_id: int | None,
    seats: int | None,
    customers: int,
    at_once: int,
    url: str,
    seed: int | None,
    clean_up: bool,
) -> None:
    """Rehearse an on-sale against a running server.

    Simulated customers read the seat map, choose seats, collide, retry, double-click and cancel.
    Then their responses are compared with the database. The exit status is 1 if they differ or
    if nothing was sold. Real shows are not touched, and all rows are removed afterwards. Run it
    with the settings of the server.
    """
    if show_id is not None and seats is not None:
        raise click.UsageError("--seats cannot be combined with --show, whose seats are copied.")
    office = open_box_office(settings)
    service = RehearsalService(office.transactions)
    if clean_up:
        shows_removed, accounts_removed = service.clean_up_all()
        click.echo(
            f"Removed {shows_removed:,} shows and {accounts_removed:,} accounts of rehearsals."
        )
        return
    require_ready(url)
    seed = randrange(10**6) if seed is None else seed  # noqa: S311 - not a secret
    token_for = access_tokens(settings)
    measurements: list[Measurement] = []
    copied = (
        _new_show(office, seats or DEFAULT_SEATS)
        if show_id is None
        else service.find(ShowId(show_id))
    )
    with stopped_by_sigterm(), service.probe() as account:
        require_same_database(url, account, token_for(account))
    with temporary_show(service, copied) as rehearsal:
        show = rehearsal.show
        click.echo(show_heading(show, settings.timezone))
        click.echo(f"Rehearsing at {url} on the temporary show {show.id}")
        click.echo(f"{customers:,} customers, {at_once} at once, --seed {seed}\n")
        require_visible(url, show)
        accounts = service.invite(rehearsal, customers, Progress("Invited", customers))

        progress = Progress("Served", customers)
        began = time.perf_counter()
        purchases = run_customers(
            url, show, accounts, token_for, at_once, seed, measurements, progress
        )
        seconds = time.perf_counter() - began

        shown = sold_seats(url, show, measurements)
        held = service.stored_sales(rehearsal)
        verdict = check_consistency(purchases, held, shown)
        for line in report_lines(show, purchases, held, verdict, measurements, seconds):
            click.echo(line)
    if not verdict.is_consistent or not any(purchase.confirmed for purchase in purchases):
        click.get_current_context().exit(1)


@contextmanager
def temporary_show(service: RehearsalService, copied: Show) -> Iterator[Rehearsal]:
    """Create a copy of the show, and remove it afterwards."""
    with stopped_by_sigterm():
        rehearsal = service.on(copied)
        try:
            yield rehearsal
        finally:
            _clean_up(service, rehearsal)


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt meanwhile, so that rows are removed as after Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _new_show(office: BoxOffice, seats: int) -> Show:
    """Use an existing movie and screen: new ones would appear in the public lists."""
    movies = office.queries.programme.movies("", Window(0, 1)).items
    screens = office.queries.programme.screens(Window(0, 1)).items
    if not movies or not screens:
        raise CannotRun("A movie and a screen are required: import a programme first.")
    plan = plain_grid(seats, min(isqrt(2 * seats), MAX_COLUMNS))  # twice as wide as deep
    return Show.new(movies[0], screens[0], system_clock() + timedelta(days=1), plan)


def _clean_up(service: RehearsalService, rehearsal: Rehearsal) -> None:
    click.echo("Cleaning up ...", err=True)
    try:
        service.clean_up(rehearsal)
    except BaseException:
        click.echo("Some rows are left: run `ticketing rehearse --clean-up` later.", err=True)
        raise


class Progress:
    """A line that changes on a terminal, a few lines elsewhere.

    Call it with the number of customers that is done, of ``total``.
    """

    def __init__(self, label: str, total: int) -> None:
        self._label = label
        self._total = total
        self._shown = 0

    def __call__(self, done: int) -> None:
        is_terminal = sys.stderr.isatty()
        steps = PROGRESS_STEPS_ON_TERMINAL if is_terminal else PROGRESS_STEPS
        if done * steps // self._total > self._shown * steps // self._total:
            line = f"{self._label}: {done:,} of {self._total:,} customers"
            ends_line = not is_terminal or done == self._total
            click.echo(f"\r{line}" if is_terminal else line, err=True, nl=ends_line)
        self._shown = done
