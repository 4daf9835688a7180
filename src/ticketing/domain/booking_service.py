"""Selling seats, and taking them back."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import overload

from ticketing.domain.account import AccountId, Actor
from ticketing.domain.audit import record
from ticketing.domain.booking import MOST_SEATS_AT_ONCE, Booking, BookingId
from ticketing.domain.errors import Invalid, InvalidFields, SeatLimit, SeatTaken, ShowFull
from ticketing.domain.idempotency import KEPT_FOR, Repeatable, Replay, once
from ticketing.domain.ports.idempotency import RequestKey
from ticketing.domain.ports.unit_of_work import Transactions, UnitOfWork
from ticketing.domain.rehearsal import demand_rehearser
from ticketing.domain.seating import SeatName, SeatNumber, SeatPlan
from ticketing.domain.show import ShowId


class BookingService:
    """Each change runs in one transaction; one that is ``Repeatable`` is made once only.

    ``sales_grace`` is how long after its start a show still sells, ``seat_limit`` how many seats
    an account may have for one show; 0 is no limit.
    """

    def __init__(
        self, transactions: Transactions, sales_grace: timedelta, seat_limit: int = 0
    ) -> None:
        self._transact = transactions
        self._sales_grace = sales_grace
        self._seat_limit = seat_limit

    @overload
    def book(self, show_id: ShowId, wanted: Sequence[SeatName], customer: AccountId) -> Booking: ...
    @overload
    def book(
        self,
        show_id: ShowId,
        wanted: Sequence[SeatName],
        customer: AccountId,
        request: Repeatable[Booking] | None,
    ) -> Booking | Replay: ...
    def book(
        self,
        show_id: ShowId,
        wanted: Sequence[SeatName],
        customer: AccountId,
        request: Repeatable[Booking] | None = None,
    ) -> Booking | Replay:
        """Sell all of the seats that the customer calls ``wanted``, or none of them.

        Raises ShowNotFound, IdempotencyKeyReused, InvalidFields, UnknownSeat, SeatNamedTwice,
        SalesClosed, ShowFull, SeatTaken and SeatLimit.
        """

        def sale(uow: UnitOfWork) -> Booking | Replay:
            sell = partial(self._sell, uow, show_id, wanted, customer)
            if request is None:
                return sell()
            key = RequestKey(show_id, customer, "book", request.key)
            return once(uow.idempotency_keys, key, request, sell)

        return self._transact(sale)

    def _sell(
        self, uow: UnitOfWork, show_id: ShowId, wanted: Sequence[SeatName], customer: AccountId
    ) -> Booking:
        plan, numbers = _find(uow, show_id, wanted)
        buyer = customer if self._seat_limit else None
        show, seats, owned = uow.shows.lock_seats(show_id, numbers, plan, buyer)
        demand_rehearser(uow, show, customer)
        try:
            booking = show.book(seats, customer, now=uow.now(), grace=self._sales_grace)
        except SeatTaken:
            if uow.shows.is_full(show_id):
                raise ShowFull() from None
            raise
        if self._seat_limit and owned + len(seats) > self._seat_limit:
            raise SeatLimit(limit=self._seat_limit, held=owned)
        return uow.bookings.add(booking)

    @overload
    def cancel(self, booking_id: BookingId, actor: Actor) -> Booking: ...
    @overload
    def cancel(
        self, booking_id: BookingId, actor: Actor, request: Repeatable[Booking] | None
    ) -> Booking | Replay: ...
    def cancel(
        self, booking_id: BookingId, actor: Actor, request: Repeatable[Booking] | None = None
    ) -> Booking | Replay:
        """Give the seats of a booking back; of one that is cancelled already, nothing.

        Raises BookingNotFound, Forbidden, IdempotencyKeyReused and ShowStarted.
        """

        def cancellation(uow: UnitOfWork) -> Booking | Replay:
            if request is None:
                return _cancel(uow, booking_id, actor)
            booking = uow.bookings.get(booking_id)
            actor.require_own(booking.customer)
            operation = f"cancel {booking_id}"
            key = RequestKey(booking.show.id, actor.account_id, operation, request.key)
            cancel = partial(_cancel, uow, booking_id, actor)
            return once(uow.idempotency_keys, key, request, cancel)

        return self._transact(cancellation)

    def forget_answers(self) -> None:
        """Drop the answers that no client may rely on any more, some in each transaction."""
        while self._transact(lambda uow: uow.idempotency_keys.forget(uow.now() - KEPT_FOR)):
            pass


def _find(
    uow: UnitOfWork, show_id: ShowId, wanted: Sequence[SeatName]
) -> tuple[SeatPlan, list[SeatNumber]]:
    """The numbers of the seats, and the plan that they were found by."""
    plan = uow.shows.plan(show_id)
    try:
        return plan, _numbers(plan, wanted)
    except Invalid:  # by a plan that is only remembered: the room may have grown, or be gone
        plan = uow.shows.plan(show_id, current=True)
        return plan, _numbers(plan, wanted)


def _numbers(plan: SeatPlan, wanted: Sequence[SeatName]) -> list[SeatNumber]:
    if not 1 <= len(wanted) <= MOST_SEATS_AT_ONCE:
        raise InvalidFields(seats=f"1 to {MOST_SEATS_AT_ONCE} seats can be booked at once.")
    return plan.find(wanted)


def _cancel(uow: UnitOfWork, booking_id: BookingId, actor: Actor) -> Booking:
    booking = uow.bookings.lock(booking_id)
    actor.require_own(booking.customer)
    cancelled = booking.cancel(now=uow.now())
    if cancelled != booking:
        uow.bookings.cancel(cancelled)
        if actor.account_id != booking.customer:
            _record_cancellation(uow, actor, cancelled)
    return cancelled


def _record_cancellation(uow: UnitOfWork, actor: Actor, booking: Booking) -> None:
    record(
        uow,
        actor.account_id,
        "booking.cancelled",
        f"booking {booking.id}",
        reference=booking.reference,
        show=booking.show.id,
        seats=[seat.label for seat in booking.seats],
    )
