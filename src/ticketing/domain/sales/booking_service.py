"""Sell seats and cancel bookings."""

from collections.abc import Sequence
from functools import partial

from ticketing.domain.accounts.account import AccountId, Actor
from ticketing.domain.audit import record
from ticketing.domain.programme.seat_plans.numbers import SeatName
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.batch import Sell, grouped_sales
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.errors import IdempotencyKeyReused
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.idempotency import (
    RETENTION,
    Repeatable,
    Replay,
    RequestKey,
    replay,
    require_few_keys,
)
from ticketing.domain.sales.orders import BookSeats
from ticketing.domain.sales.ports import SalesWork
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import GroupTransactions, Transactions


class BookingService:
    """Each call runs in one transaction, which sales that wait at the same moment share.

    ``book`` and ``cancel`` take the client's request where it has an idempotency key: a repeat of
    it changes nothing and returns the first answer as a ``Replay``.
    """

    def __init__(
        self,
        transactions: GroupTransactions[SalesWork],
        policy: SalesPolicy,
        cancellations: Transactions[SalesWork] | None = None,
        sell: Sell | None = None,
    ) -> None:
        """``sell`` serves orders in batches, which other services share."""
        self._transact = transactions
        self.sell = sell or grouped_sales(transactions, policy)
        self._cancellations = cancellations or transactions

    def book(
        self,
        show_id: ShowId,
        names: Sequence[SeatName],
        customer: AccountId,
        *,
        is_staff: bool = False,
    ) -> Booking:
        """Sell all the seats with these ``names``, or none.

        Seats that the customer holds leave the hold. Raises ShowNotFound, InvalidFields,
        UnknownSeat, SeatNamedTwice, SalesClosed, ShowFull, SeatTaken, SeatHeld, CompanionSeat and,
        unless the customer ``is_staff``, SeatLimit.
        """
        booking = self.sell(BookSeats(show_id, names, customer, is_staff=is_staff))
        assert isinstance(booking, Booking)  # only requests with a key are replayed
        return booking

    def book_once(
        self,
        show_id: ShowId,
        names: Sequence[SeatName],
        customer: AccountId,
        request: Repeatable[Booking],
        *,
        is_staff: bool = False,
    ) -> Booking | Replay:
        """Sell as ``book`` does, unless this request was answered before.

        Raises IdempotencyKeyReused too.
        """
        booking = self.sell(BookSeats(show_id, names, customer, request, is_staff))
        assert not isinstance(booking, Hold)
        return booking

    def cancel(self, show_id: ShowId, booking_id: BookingId, actor: Actor) -> Booking:
        """Cancel a booking of the show and free its seats; a cancelled one is returned unchanged.

        Raises BookingNotFound, Forbidden and ShowStarted.
        """

        def cancellation(work: SalesWork) -> Booking:
            return _cancel(work, _lock(work, show_id, booking_id, actor), actor)

        return self._cancellations(cancellation)

    def cancel_once(
        self, show_id: ShowId, booking_id: BookingId, actor: Actor, request: Repeatable[Booking]
    ) -> Booking | Replay:
        """Cancel as ``cancel`` does, unless this request was answered before.

        Raises IdempotencyKeyReused too, and TooManyKeys for more keys of a cancelled booking.
        """

        def cancellation(work: SalesWork) -> Booking | Replay:
            get = partial(work.bookings.get, show_id, booking_id)
            actor.require_own(get().customer)
            keys, operation = work.idempotency_keys, f"cancel {booking_id}"
            key = RequestKey(show_id, actor.account_id, operation, request.key)
            if kept := keys.claim({key: request.fingerprint}).get(key):
                answer = replay(kept, request, get)
                if isinstance(answer, IdempotencyKeyReused):
                    raise answer
                return answer
            booking = _lock(work, show_id, booking_id, actor)
            cancelled = _cancel(work, booking, actor)
            if cancelled != booking:
                keys.keep({key: request.render(cancelled)})
            else:
                require_few_keys(keys, key, work.now())
            return cancelled

        return self._cancellations(cancellation)

    def purge_answers(self) -> None:
        """Delete expired idempotency keys, in several transactions."""
        while self._transact(lambda work: work.idempotency_keys.purge(work.now() - RETENTION)):
            pass


def _lock(work: SalesWork, show_id: ShowId, booking_id: BookingId, actor: Actor) -> Booking:
    booking = work.bookings.lock(show_id, booking_id)
    actor.require_own(booking.customer)
    return booking


def _cancel(work: SalesWork, booking: Booking, actor: Actor) -> Booking:
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
