"""Sell seats and cancel bookings."""

from collections.abc import Sequence
from functools import partial

from ticketing.domain.accounts.account import AccountId, Actor
from ticketing.domain.audit import record
from ticketing.domain.errors import Invalid, InvalidFields
from ticketing.domain.programme.seat_plan import SeatName, SeatNumber, SeatPlan
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.errors import SalesClosed
from ticketing.domain.sales.idempotency import RETENTION, Repeatable, Replay, RequestKey, once
from ticketing.domain.sales.ports import SalesWork
from ticketing.domain.sales.selling import SalesPolicy, sell
from ticketing.domain.unit_of_work import Transactions


class BookingService:
    """Each call runs in one transaction.

    ``book`` and ``cancel`` take the client's request where it has an idempotency key: a repeat of
    it changes nothing and returns the first answer as a ``Replay``.
    """

    def __init__(
        self,
        transactions: Transactions[SalesWork],
        policy: SalesPolicy,
        cancellations: Transactions[SalesWork] | None = None,
    ) -> None:
        self._transact = transactions
        self._policy = policy
        self._cancellations = cancellations or transactions

    def book(self, show_id: ShowId, names: Sequence[SeatName], customer: AccountId) -> Booking:
        """Sell all the seats with these ``names``, or none.

        Raises ShowNotFound, InvalidFields, UnknownSeat, SeatNamedTwice, SalesClosed, ShowFull,
        SeatTaken and SeatLimit.
        """
        return self._transact(lambda work: self._sell(work, show_id, names, customer))

    def book_once(
        self,
        show_id: ShowId,
        names: Sequence[SeatName],
        customer: AccountId,
        request: Repeatable[Booking],
    ) -> Booking | Replay:
        """Sell as ``book`` does, unless this request was answered before.

        Raises IdempotencyKeyReused too.
        """

        def sale(work: SalesWork) -> Booking | Replay:
            key = RequestKey(show_id, customer, "book", request.key)
            sale_of = partial(self._sell, work, show_id, names, customer)
            return once(work.idempotency_keys, key, request, sale_of)

        return self._transact(sale)

    def _sell(
        self, work: SalesWork, show_id: ShowId, names: Sequence[SeatName], customer: AccountId
    ) -> Booking:
        plan, numbers = self._find_seats(work, show_id, names)
        buyer = customer if self._policy.per_account else None
        show, seats, owned = work.seats.lock(show_id, numbers, plan, buyer)
        _require_access(work, show, customer)
        booking = sell(
            show,
            seats,
            customer,
            owned=owned,
            is_full=lambda: work.seats.is_full(show_id),
            now=work.now(),
            policy=self._policy,
        )
        return work.bookings.add(booking)

    def _find_seats(
        self, work: SalesWork, show_id: ShowId, names: Sequence[SeatName]
    ) -> tuple[SeatPlan, list[SeatNumber]]:
        """Return the seats' numbers, and the plan in which they were found."""
        plan = work.seats.plan(show_id)
        try:
            return plan, self._numbers(plan, names)
        except Invalid:  # the cached plan may be stale: the show was changed or deleted
            plan = work.seats.plan(show_id, current=True)
            return plan, self._numbers(plan, names)

    def _numbers(self, plan: SeatPlan, names: Sequence[SeatName]) -> list[SeatNumber]:
        if not 1 <= len(names) <= self._policy.per_booking:
            raise InvalidFields(
                seats=f"1 to {self._policy.per_booking} seats can be booked at once."
            )
        return plan.find(names)

    def cancel(self, booking_id: BookingId, actor: Actor) -> Booking:
        """Cancel a booking and free its seats; a cancelled one is returned unchanged.

        Raises BookingNotFound, Forbidden and ShowStarted.
        """
        return self._cancellations(lambda work: _cancel(work, booking_id, actor))

    def cancel_once(
        self, booking_id: BookingId, actor: Actor, request: Repeatable[Booking]
    ) -> Booking | Replay:
        """Cancel as ``cancel`` does, unless this request was answered before.

        Raises IdempotencyKeyReused too.
        """

        def cancellation(work: SalesWork) -> Booking | Replay:
            booking = work.bookings.get(booking_id)
            actor.require_own(booking.customer)
            operation = f"cancel {booking_id}"
            key = RequestKey(booking.show.id, actor.account_id, operation, request.key)
            return once(
                work.idempotency_keys, key, request, partial(_cancel, work, booking_id, actor)
            )

        return self._cancellations(cancellation)

    def purge_answers(self) -> None:
        """Delete expired idempotency keys, in several transactions."""
        while self._transact(lambda work: work.idempotency_keys.purge(work.now() - RETENTION)):
            pass


def _require_access(work: SalesWork, show: Show, customer: AccountId) -> None:
    """Raises SalesClosed for a rehearsal's show, unless its own customers buy.

    Sales of public shows do not read the account.
    """
    if show.rehearsal and not show.is_open_to(work.accounts.get(customer)):
        raise SalesClosed("This show is a rehearsal: its seats are not for sale.")


def _cancel(work: SalesWork, booking_id: BookingId, actor: Actor) -> Booking:
    booking = work.bookings.lock(booking_id)
    actor.require_own(booking.customer)
    cancelled = booking.cancel(now=work.now())
    if cancelled != booking:
        work.bookings.cancel(cancelled)
        if actor.account_id != booking.customer:
            _record_cancellation(work, actor, cancelled)
    return cancelled


def _record_cancellation(work: SalesWork, actor: Actor, booking: Booking) -> None:
    record(
        work,
        actor.account_id,
        "booking.cancelled",
        "booking",
        booking.id,
        reference=booking.reference,
        show=booking.show.id,
        seats=[seat.label for seat in booking.seats],
    )
