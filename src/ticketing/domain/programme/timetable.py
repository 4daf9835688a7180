"""The timetable: one show at a time on a screen, and time for cleaning after each."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from ticketing.domain.programme.errors import ScreenRetired, ShowOverlaps
from ticketing.domain.programme.movie import MAX_MINUTES
from ticketing.domain.programme.ports import ProgrammeWork
from ticketing.domain.programme.show import Show

_MAX_DURATION = timedelta(minutes=MAX_MINUTES)


def on_open_screen(uow: ProgrammeWork, show: Show) -> Show:
    """Lock the show's screen, and return the show with the plan that the screen has by now.

    A show with a plan of its own keeps it. Raises ScreenRetired.
    """
    screen = uow.screens.lock(show.screen.id)
    if screen.is_retired:
        raise ScreenRetired()
    plan = screen.plan if show.plan == show.screen.plan else show.plan
    return replace(show, screen=screen, plan=plan)


def shows_around(uow: ProgrammeWork, show: Show, cleaning: timedelta) -> list[Show]:
    """Lock the show's screen and return its shows around that time, also cancelled ones.

    Soonest first. The lock keeps other transactions from adding shows to the screen.
    """
    uow.screens.lock(show.screen.id)
    first, last = show.starts_at - _MAX_DURATION - cleaning, show.ends_at + cleaning
    return uow.shows.on_screen(show.screen.id, first, last)


def overlapping(show: Show, others: Iterable[Show], cleaning: timedelta) -> list[Show]:
    """Return the shows among ``others`` that overlap with ``show``."""
    return [other for other in others if other.id != show.id and show.overlaps(other, cleaning)]


def require_free_screen(uow: ProgrammeWork, show: Show, cleaning: timedelta) -> None:
    """Raise ShowOverlaps with the ids of the overlapping shows, if there are any."""
    if overlaps := overlapping(show, shows_around(uow, show, cleaning), cleaning):
        raise ShowOverlaps(shows=[other.id for other in overlaps])
