"""Block seats of a show: those that are broken or kept back."""

from collections.abc import Sequence
from typing import Protocol

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.audit import AuditedWork, record
from ticketing.domain.programme.seat_plans.model import Seat
from ticketing.domain.programme.seat_plans.numbers import SeatName
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.errors import SeatTaken
from ticketing.domain.sales.ports import Seats
from ticketing.domain.sales.selling import seats_held
from ticketing.domain.unit_of_work import Transactions


class ShowLocks(Protocol):
    def lock(self, show_id: ShowId) -> Show:
        """Lock the show and all of its seats. Raises ShowNotFound."""


class BlockedSeatsWork(AuditedWork, Protocol):
    """The slice of the store that blocking changes."""

    @property
    def shows(self) -> ShowLocks: ...
    @property
    def seats(self) -> Seats: ...


class BlockedSeatsService:
    """For the cinema's staff. Each call runs in one transaction, which also records who made it."""

    def __init__(self, transactions: Transactions[BlockedSeatsWork]) -> None:
        self._transact = transactions

    def block(
        self, show_id: ShowId, names: Sequence[SeatName], *, by: AccountId | None = None
    ) -> list[Seat]:
        """Block exactly the seats with these ``names``, perhaps none, and release all others.

        Seats that are out of order by the plan stay blocked. Returns all blocked seats. Raises
        ShowNotFound, UnknownSeat, SeatNamedTwice, and for seats that are sold SeatTaken, for those
        that are held SeatHeld.
        """

        def work(work: BlockedSeatsWork) -> list[Seat]:
            show = work.shows.lock(show_id)
            numbers = {*show.plan.find(names), *show.plan.out_of_order}
            seats, now = work.seats.room(show_id).seats, work.now()
            before = [seat.seat for seat in seats if seat.is_blocked]
            chosen = [seat for seat in seats if seat.seat.number in numbers]
            if sold := [seat.seat.label for seat in chosen if seat.booking_id is not None]:
                raise SeatTaken(seats=sold)
            if held := [seat for seat in chosen if seat.is_held(now)]:
                raise seats_held(held)
            after = [seat.seat for seat in chosen]
            if after != before:
                work.seats.block(show_id, numbers)
                labels = [[seat.label for seat in blocked] for blocked in (before, after)]
                record(work, by, "show.seats_blocked", "show", show_id, seats=labels)
            return after

        return self._transact(work)
