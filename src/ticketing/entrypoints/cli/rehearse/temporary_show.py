"""The show that a rehearsal sells, and its removal."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import isqrt

import click

from ticketing.adapters.sql.engine.clock import system_clock
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.paging import Window
from ticketing.domain.programme.seat_plan import SeatPlan
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.rehearsal.rehearsal import Rehearsal
from ticketing.domain.rehearsal.rehearsal_service import RehearsalService
from ticketing.entrypoints.cli.installation import CannotRun

DEFAULT_SEATS = 400
MAX_COLUMNS = 70  # a terminal of 80 columns shows them without a break


@contextmanager
def temporary_show(
    office: BoxOffice, service: RehearsalService, copied: ShowId | None, seats: int
) -> Iterator[Rehearsal]:
    """Create a copy of a show, or a new show with ``seats``, and remove it afterwards.

    SIGTERM raises KeyboardInterrupt meanwhile, so that it is removed as well.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if copied is not None:
            rehearsal = service.on_known(copied)
        else:
            rehearsal = service.on(_new_show(office, seats))
        try:
            yield rehearsal
        finally:
            _clean_up(service, rehearsal)
    finally:
        signal.signal(signal.SIGTERM, before)


def _new_show(office: BoxOffice, seats: int) -> Show:
    """Use an existing movie and screen: new ones would appear in the public lists."""
    movies = office.queries.programme.movies("", Window(0, 1)).items
    screens = office.queries.programme.screens(Window(0, 1)).items
    if not movies or not screens:
        raise CannotRun("A movie and a screen are required: import a programme first.")
    plan = SeatPlan(seats, min(isqrt(2 * seats), MAX_COLUMNS))  # twice as wide as deep
    return Show.new(movies[0], screens[0], system_clock() + timedelta(days=1), plan)


def _clean_up(service: RehearsalService, rehearsal: Rehearsal) -> None:
    click.echo("Cleaning up ...", err=True)
    try:
        service.clean_up(rehearsal)
    except BaseException:
        click.echo("Some rows are left: run `ticketing rehearse --clean-up` later.", err=True)
        raise
