"""The timetable: a screen shows one thing at a time, and is cleaned in between."""

from collections.abc import Iterable
from datetime import timedelta

from ticketing.domain.programme.errors import ShowOverlaps
from ticketing.domain.programme.movie import MAX_MINUTES
from ticketing.domain.programme.ports import ProgrammeWork
from ticketing.domain.programme.show import Show

_LONGEST = timedelta(minutes=MAX_MINUTES)


def shows_around(uow: ProgrammeWork, show: Show, cleaning: timedelta) -> list[Show]:
    """What its screen has about that time, also what is called off, the earliest first.

    The screen is held from now on, so that nobody else puts anything there meanwhile.
    """
    uow.screens.lock(show.screen.id)
    first, last = show.starts_at - _LONGEST - cleaning, show.ends_at + cleaning
    return uow.shows.on_screen(show.screen.id, first, last)


def overlapping(show: Show, others: Iterable[Show], cleaning: timedelta) -> list[Show]:
    """Those of the others that leave no room for it on its screen."""
    return [other for other in others if other.id != show.id and show.overlaps(other, cleaning)]


def require_free_screen(uow: ProgrammeWork, show: Show, cleaning: timedelta) -> None:
    """Raises ShowOverlaps that names the shows which are in the way."""
    if in_the_way := overlapping(show, shows_around(uow, show, cleaning), cleaning):
        raise ShowOverlaps(shows=[other.id for other in in_the_way])
