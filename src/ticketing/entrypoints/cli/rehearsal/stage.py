"""The show that is rehearsed on, and that nothing of it is left behind."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import isqrt

import click

from ticketing.domain.box_office import BoxOffice
from ticketing.domain.paging import Window
from ticketing.domain.programme.seat_plan import SeatPlan
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.rehearsal.rehearsal import Rehearsal
from ticketing.domain.rehearsal.rehearsal_service import RehearsalService
from ticketing.entrypoints.cli.tools import CannotRun, Tools

PLAIN_ROOM = 400
WIDEST_ROOM = 70  # what a terminal of 80 columns shows at once


@contextmanager
def staged(
    tools: Tools, office: BoxOffice, service: RehearsalService, show_id: ShowId | None, seats: int
) -> Iterator[Rehearsal]:
    """A rehearsal on a known show, or on a new one of ``seats``; however it ends, it is gone."""
    with _sigterm_as_ctrl_c():
        if show_id is not None:
            rehearsal = service.on_known(show_id)
        else:
            rehearsal = service.on(_made_up(tools, office, seats))
        try:
            yield rehearsal
        finally:
            _clean_up(service, rehearsal)


def _made_up(tools: Tools, office: BoxOffice, seats: int) -> Show:
    """Any film on any screen, a day from now: neither is made, for both stand in public lists."""
    movies = office.queries.programme.movies("", Window(0, 1)).items
    screens = office.queries.programme.screens(Window(0, 1)).items
    if not movies or not screens:
        raise CannotRun("There is no movie or no screen yet: load a programme first.")
    twice_as_wide_as_deep = SeatPlan(seats, min(isqrt(2 * seats), WIDEST_ROOM))
    return Show.new(movies[0], screens[0], tools.now() + timedelta(days=1), twice_as_wide_as_deep)


def _clean_up(service: RehearsalService, rehearsal: Rehearsal) -> None:
    click.echo("Cleaning up ...", err=True)
    try:
        service.clean_up(rehearsal)
    except BaseException:
        click.echo("Something is left: run `ticketing rehearse --clean-up` later.", err=True)
        raise


@contextmanager
def _sigterm_as_ctrl_c() -> Iterator[None]:
    """Whoever stops us has us clean up, too."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
