"""Offer seats that came free to those who wait, in order.

Each server process looks every second, and only here are offers made: a cancellation or a released
hold does nothing for it, and a hold expires without any transaction.
"""

from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from ticketing.domain.messages.message import OfferMessage
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.best_available.best_available import best_available
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.errors import NoSeats
from ticketing.domain.sales.hold import Hold, new_hold_id
from ticketing.domain.sales.ports import OpenSeats
from ticketing.domain.sales.selling import ShowSeat
from ticketing.domain.sales.waiting_list.entry import WaitingListEntry, is_list_open
from ticketing.domain.sales.waiting_list.ports import WaitingListWork
from ticketing.domain.sales.waiting_list.queries import WaitingListQueries
from ticketing.domain.unit_of_work import Transactions

OFFER = timedelta(minutes=30)
SHORT_OFFER = timedelta(minutes=10)
SHORT_OFFERS_BEFORE_START = timedelta(days=1)

MAX_OFFERS = 50
"""In one transaction."""

MAX_ROUNDS = 5
"""Transactions for a show until the next look: others may take what was chosen, or many wait."""


class OfferService:
    """The maker of offers; one object of each server process, used by one thread."""

    def __init__(
        self, transactions: Transactions[WaitingListWork], queries: WaitingListQueries
    ) -> None:
        self._transact = transactions
        self._queries = queries
        self._hopeless: dict[ShowId, tuple[OpenSeats, Set[Party]]] = {}
        """The seats and the waiting parties of each show where no seats fit a party."""

    def serve_all(self) -> None:
        """Make the offers that are possible now, and close the lists whose time is over.

        The fault of one show does not stop the others: they are raised at the end, in an
        ExceptionGroup.
        """
        show_ids = self._queries.shows_to_serve()
        self._hopeless = {id_: self._hopeless[id_] for id_ in show_ids if id_ in self._hopeless}
        faults = []
        for show_id in show_ids:
            try:
                with suppress(ShowNotFound):  # deleted in the meantime
                    self._serve(show_id)
            except Exception as fault:
                faults.append(fault)
        if faults:
            raise ExceptionGroup("Offers could not be made.", faults)

    def _serve(self, show_id: ShowId) -> None:
        """Look without locks, and begin a transaction only if there is something to do."""
        room, entries, now = self._queries.queue(show_id)
        if is_list_open(room.show, now):
            seen = room, {entry.party for entry in entries}
            if self._hopeless.get(show_id) == seen:
                return
            if not any(chosen_seats(room, entries)):
                self._hopeless[show_id] = seen
                return
        for _ in range(MAX_ROUNDS):
            if self._transact(partial(_make_offers, show_id)):
                break


def chosen_seats(
    room: OpenSeats, entries: Iterable[WaitingListEntry]
) -> Iterator[tuple[WaitingListEntry, list[SeatNumber]]]:
    """Yield each entry that gets seats, in order, and its seats.

    An entry that does not fit keeps its place. So does every later one for an equal party: fewer
    seats are left for it.
    """
    free, held = {*room.free}, {*room.held}
    unfit = set()
    for entry in entries:
        if entry.party in unfit:
            continue
        try:
            chosen = best_available(room.show.plan, entry.party, free, held)
        except NoSeats:
            unfit.add(entry.party)
            continue
        free.difference_update(chosen)
        held.update(chosen)
        yield entry, chosen


def new_offer(entry: WaitingListEntry, seats: Iterable[ShowSeat], now: datetime) -> Hold:
    """Return a hold of the seats for the entry's customer; it is never extended."""
    expires_at = now + offer_duration(entry.show, now)
    return Hold(
        id=new_hold_id(entry.show.id),
        show=entry.show,
        customer=entry.customer,
        seats=tuple(seat.seat for seat in seats),
        created_at=now,
        expires_at=expires_at,
        extendable_until=expires_at,
        is_offer=True,
    )


def offer_duration(show: Show, now: datetime) -> timedelta:
    is_short = now >= show.starts_at - SHORT_OFFERS_BEFORE_START
    return SHORT_OFFER if is_short else OFFER


def _make_offers(show_id: ShowId, work: WaitingListWork) -> bool:
    """Make offers under the lock of the show, and return whether no more can be made.

    Where a seat was lost since the room was read, the offers from there on are not made, because
    they might get other seats now. Seats that others have locked are waited for, so that a client
    that asks for a seat again and again cannot keep it from being offered.
    """
    work.seats.lock_show(show_id, wait=True)
    room = work.seats.open_seats(show_id, offering=True)
    if not is_list_open(room.show, work.now()):
        work.waiting_list.close_waiting(show_id, work.now())
        return True
    chosen = [*islice(chosen_seats(room, work.waiting_list.waiting(show_id)), MAX_OFFERS)]
    if not chosen:
        work.waiting_list.set_has_waiting(show_id)
        return True
    numbers = sorted(number for _, seats in chosen for number in seats)
    locked = work.seats.lock(show_id, numbers, room.show.plan)
    now = work.now()
    open_seats = {seat.seat.number: seat for seat in locked.seats if seat.can_be_offered(now)}
    offered = []
    for entry, seats in chosen:
        if not open_seats.keys() >= {*seats}:
            break
        offer = new_offer(entry, [open_seats[number] for number in seats], now)
        offered.append(replace(entry, offer=offer))
    work.holds.add_all([entry.offer for entry in offered if entry.offer])
    work.waiting_list.save_all(offered)
    for entry in offered:
        if work.accounts.get(entry.customer).email is not None:
            work.outbox.add(OfferMessage.new(show_id, entry.customer, entry.id, now))
    work.waiting_list.set_has_waiting(show_id)
    return len(offered) == len(chosen) < MAX_OFFERS
