"""Load a week of shows from today on, with some seats sold.

Existing rows are never changed, so the missing days can be added at any time.
"""

import secrets
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import cycle
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.box_office import BoxOffice, Queries, UnitOfWork
from ticketing.domain.paging import Window
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show
from ticketing.domain.programme.timetable import overlapping, shows_around
from ticketing.domain.sales.selling import booking_of
from ticketing.domain.sales.waiting_list.entry import WaitingListEntry, new_entry_id
from ticketing.domain.times import EARLIEST
from ticketing.entrypoints.cli.demo.accounts import get_or_create_account
from ticketing.entrypoints.cli.demo.content import (
    CLEANING,
    Slot,
    Timetable,
    movies,
    parties,
    screens,
)

GUESTS = ("demo-guest-1", "demo-guest-2", "demo-guest-3")
WAITING_PARTIES = (8, 6)
"""Larger than what one cancelled booking frees, so that others are served before them."""

DAYS = 7
_ALL = Window(0, 100_000)

ScreenDay = tuple[date, int]
"""A day and the index of a screen."""


class SpecialShows(NamedTuple):
    """The slots of the show that is first, so that its id is 1, and of the one that is sold out."""

    first: Slot
    sold_out: Slot


def load_week(box_office: BoxOffice, zone: ZoneInfo, now: datetime) -> None:
    """Add shows on the days on which a screen has none."""
    missing = list(_missing(box_office.queries, zone, now.astimezone(zone).date()))
    if not missing:
        return
    timetable = box_office.transactions(partial(_prepared, zone=zone))
    ever = ShowFilter(starts_from=EARLIEST)
    has_shows = box_office.queries.programme.shows(ever, Window(0, 1)).total
    special = (
        None if has_shows else SpecialShows(timetable.first_show(now), timetable.sold_out_show(now))
    )
    guests = [  # they cannot log in: their passwords are discarded
        get_or_create_account(box_office, name, secrets.token_hex(32)).id for name in GUESTS
    ]
    first = special and special.first
    for slots in _batches(timetable, missing, now + timedelta(minutes=5), first):
        box_office.transactions(partial(_add, slots=slots, special=special, guests=guests))


def _batches(
    timetable: Timetable, missing: Sequence[ScreenDay], soonest: datetime, first: Slot | None
) -> list[list[Slot]]:
    """Return the slots to fill, one list per transaction. ``first`` comes first: it is show 1."""
    batches = [
        sorted(
            (slot for slot in timetable.day(day, number) if slot.starts_at >= soonest),
            key=lambda slot: slot != first,
        )
        for day, number in missing
    ]
    return sorted(filter(None, batches), key=lambda batch: first not in batch)


def _missing(queries: Queries, zone: ZoneInfo, today: date) -> Iterator[ScreenDay]:
    """Yield the days on which a screen has no show."""
    week = [today + timedelta(days=ahead) for ahead in range(DAYS + 1)]
    midnights = [datetime.combine(day, time(), zone) for day in week]
    this_week = ShowFilter(starts_from=midnights[0], starts_before=midnights[-1])
    shows = [offer.show for offer in queries.programme.shows(this_week, _ALL).items]
    taken = {(show.starts_at.astimezone(zone).date(), show.screen.name) for show in shows}
    for day in week[:-1]:
        for number, screen in enumerate(screens()):
            if (day, screen.name) not in taken:
                yield day, number


def _prepared(uow: UnitOfWork, zone: ZoneInfo) -> Timetable:
    uow.movies.lock_all()  # another process may load the demo at the same time
    stored_movies = [
        uow.movies.find_title(movie.title) or uow.movies.add(movie) for movie in movies()
    ]
    stored_screens = [
        uow.screens.find_name(screen.name) or uow.screens.add(screen) for screen in screens()
    ]
    return Timetable(stored_movies, stored_screens, zone)


def _add(
    uow: UnitOfWork,
    slots: Sequence[Slot],
    special: SpecialShows | None,
    guests: Sequence[AccountId],
) -> None:
    uow.movies.lock_all()
    for slot in slots:
        show = Show.new(slot.movie, slot.screen, slot.starts_at)
        if not overlapping(show, shows_around(uow, show, CLEANING), CLEANING):
            free_rows = 2 if special and slot == special.first else 0
            is_sold_out = special is not None and slot == special.sold_out
            name = f"{show.screen.name} {show.starts_at}"
            groups = list(parties(show.plan, name, free_rows, is_sold_out=is_sold_out))
            show = uow.shows.add(show)
            _sell(uow, show, groups, guests)
            if is_sold_out:
                _wait(uow, show, guests)


def _sell(
    uow: UnitOfWork,
    show: Show,
    groups: Sequence[Sequence[SeatNumber]],
    guests: Sequence[AccountId],
) -> None:
    numbers = sorted(number for group in groups for number in group)
    show, locked, _ = uow.seats.lock(show.id, numbers, show.plan)
    by_number = {seat.seat.number: seat for seat in locked}
    for group, guest in zip(groups, cycle(guests), strict=False):
        seats = [by_number[number] for number in group]
        uow.bookings.add(booking_of(show, seats, guest, uow.now()))


def _wait(uow: UnitOfWork, show: Show, guests: Sequence[AccountId]) -> None:
    """Add the waiting list of a show."""
    for count, guest in zip(WAITING_PARTIES, guests, strict=False):
        entry = WaitingListEntry(
            id=new_entry_id(show.id),
            show=show,
            customer=guest,
            count=count,
            together=True,
            created_at=uow.now(),
        )
        uow.waiting_list.add(entry)
