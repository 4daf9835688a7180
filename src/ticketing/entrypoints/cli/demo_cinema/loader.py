"""Loading the demo: a week of shows from today on, and some of their seats sold.

What is there already is never touched, so that the week can be topped up any time.
"""

import secrets
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.box_office import BoxOffice, Queries
from ticketing.domain.paging import Window
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.show import Show
from ticketing.domain.programme.timetable import overlapping, shows_around
from ticketing.domain.sales.selling import SalesPolicy, sell
from ticketing.domain.store import UnitOfWork
from ticketing.domain.times import EARLIEST
from ticketing.entrypoints.cli.demo_cinema.accounts import account_named
from ticketing.entrypoints.cli.demo_cinema.sales import parties
from ticketing.entrypoints.cli.demo_cinema.timetable import (
    CLEANING,
    SCREENS,
    Slot,
    Timetable,
    films,
)

GUESTS = ("demo-guest-1", "demo-guest-2", "demo-guest-3")
DAYS = 7
_ALL = Window(0, 100_000)

ScreenDay = tuple[date, int]
"""A day and the number, from 0, of a screen."""


def top_up(box_office: BoxOffice, zone: ZoneInfo, now: datetime) -> None:
    """Fill the days of each screen that have no show yet."""
    missing = list(_missing(box_office.queries, zone, now.astimezone(zone).date()))
    if not missing:
        return
    timetable = box_office.transactions(partial(_prepared, zone=zone))
    any_show = box_office.queries.programme.shows(
        ShowFilter(starts_from=EARLIEST), Window(0, 1)
    ).total
    first = None if any_show else timetable.first_show(now)
    guests = _guests(box_office)
    for slots in _batches(timetable, missing, now + timedelta(minutes=5), first):
        box_office.transactions(partial(_add, slots=slots, first=first, guests=guests))


def _batches(
    timetable: Timetable, missing: Sequence[ScreenDay], soonest: datetime, first: Slot | None
) -> list[list[Slot]]:
    """The slots to fill, a transaction's worth each. The very first becomes show 1."""
    batches = [
        sorted(
            (slot for slot in timetable.day(day, number) if slot.starts_at >= soonest),
            key=lambda slot: slot != first,
        )
        for day, number in missing
    ]
    return sorted(filter(None, batches), key=lambda batch: first not in batch)


def _missing(queries: Queries, zone: ZoneInfo, today: date) -> Iterator[ScreenDay]:
    """The days on which a screen shows nothing."""
    week = [today + timedelta(days=ahead) for ahead in range(DAYS + 1)]
    midnights = [datetime.combine(day, time(), zone) for day in week]
    wanted = ShowFilter(starts_from=midnights[0], starts_before=midnights[-1])
    shows = [offer.show for offer in queries.programme.shows(wanted, _ALL).items]
    taken = {(show.starts_at.astimezone(zone).date(), show.screen.name) for show in shows}
    for day in week[:-1]:
        for number, screen in enumerate(SCREENS):
            if (day, screen.name) not in taken:
                yield day, number


def _prepared(uow: UnitOfWork, zone: ZoneInfo) -> Timetable:
    uow.movies.lock_all()  # somebody else may load the demo at the same time
    movies = [uow.movies.find_title(film.title) or uow.movies.add(film) for film in films()]
    screens = [uow.screens.find_name(screen.name) or uow.screens.add(screen) for screen in SCREENS]
    return Timetable(movies, screens, zone)


def _guests(box_office: BoxOffice) -> list[AccountId]:
    """Customers whose passwords nobody knows."""
    return [account_named(box_office, name, secrets.token_hex(32)).id for name in GUESTS]


def _add(
    uow: UnitOfWork, slots: Sequence[Slot], first: Slot | None, guests: Sequence[AccountId]
) -> None:
    uow.movies.lock_all()
    for slot in slots:
        wanted = Show.new(slot.movie, slot.screen, slot.starts_at)
        around = shows_around(uow, wanted, CLEANING)
        if overlapping(wanted, around, CLEANING):  # with what somebody else has put there
            continue
        show = uow.shows.add(wanted)
        _sell(uow, show, 2 if slot == first else 0, guests)


def _sell(uow: UnitOfWork, show: Show, kept_rows: int, guests: Sequence[AccountId]) -> None:
    groups = list(parties(show.plan, f"{show.screen.name} {show.starts_at}", kept_rows))
    numbers = sorted(number for group in groups for number in group)
    show, seats, _ = uow.seats.lock(show.id, numbers, show.plan)
    by_number = {seat.seat.number: seat for seat in seats}
    now = uow.now()
    for turn, group in enumerate(groups):
        wanted = [by_number[number] for number in group]
        guest = guests[turn % len(guests)]
        booking = sell(
            show, wanted, guest, owned=0, is_full=bool, now=now, policy=SalesPolicy(timedelta())
        )
        uow.bookings.add(booking)
