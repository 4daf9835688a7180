"""The timetable: a screen shows one thing at a time, and is cleaned in between."""

from datetime import timedelta

from ticketing.domain.errors import ShowOverlaps
from ticketing.domain.movie import LONGEST_MINUTES
from ticketing.domain.ports.unit_of_work import UnitOfWork
from ticketing.domain.show import Show

_LONGEST = timedelta(minutes=LONGEST_MINUTES)


def overlapping(uow: UnitOfWork, show: Show, cleaning: timedelta) -> list[Show]:
    """The other shows that leave no room for this one on its screen, the earliest first.

    The screen is held from now on, so that nobody else puts anything there meanwhile.
    """
    uow.screens.lock(show.screen.id)
    first, last = show.starts_at - _LONGEST - cleaning, show.ends_at + cleaning
    return [
        other
        for other in uow.shows.on_screen(show.screen.id, first, last)
        if other.id != show.id and show.overlaps(other, cleaning)
    ]


def demand_room(uow: UnitOfWork, show: Show, cleaning: timedelta) -> None:
    """Raises ShowOverlaps that names the shows which are in the way."""
    if others := overlapping(uow, show, cleaning):
        raise ShowOverlaps(shows=[other.id for other in others])
