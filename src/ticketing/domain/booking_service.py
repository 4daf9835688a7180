"""Selling seats, and taking them back."""

from collections.abc import Sequence
from datetime import timedelta

from ticketing.domain.account import AccountId, Actor
from ticketing.domain.booking import MOST_SEATS_AT_ONCE, Booking, BookingId
from ticketing.domain.errors import InvalidFields, SeatTaken, ShowFull
from ticketing.domain.ports.unit_of_work import Transactions, UnitOfWork
from ticketing.domain.seating import SeatName
from ticketing.domain.show import ShowId


class BookingService:
    """Each change runs in one transaction.

    ``sales_grace`` is how long after its start a show still sells.
    """

    def __init__(self, transactions: Transactions, sales_grace: timedelta) -> None:
        self._transact = transactions
        self._sales_grace = sales_grace

    def book(self, show_id: ShowId, wanted: Sequence[SeatName], customer: AccountId) -> Booking:
        """Sell all of the seats that the customer calls ``wanted``, or none of them.

        Raises ShowNotFound, InvalidFields, UnknownSeat, SeatNamedTwice, SalesClosed, ShowFull
        and SeatTaken.
        """

        def sale(uow: UnitOfWork) -> Booking:
            plan = uow.shows.plan(show_id)
            _check_count(wanted)
            show, seats = uow.shows.lock_seats(show_id, plan.find(wanted), plan)
            try:
                booking = show.book(seats, customer, now=uow.now(), grace=self._sales_grace)
            except SeatTaken:
                if uow.shows.is_full(show_id):
                    raise ShowFull() from None
                raise
            return uow.bookings.add(booking)

        return self._transact(sale)

    def cancel(self, booking_id: BookingId, actor: Actor) -> Booking:
        """Give the seats of a booking back; of one that is cancelled already, nothing.

        Raises BookingNotFound, Forbidden and ShowStarted.
        """

        def cancellation(uow: UnitOfWork) -> Booking:
            booking = uow.bookings.lock(booking_id)
            actor.require_own(booking.customer)
            cancelled = booking.cancel(now=uow.now())
            if cancelled != booking:
                uow.bookings.cancel(cancelled)
            return cancelled

        return self._transact(cancellation)


def _check_count(wanted: Sequence[SeatName]) -> None:
    if not 1 <= len(wanted) <= MOST_SEATS_AT_ONCE:
        raise InvalidFields(seats=f"1 to {MOST_SEATS_AT_ONCE} seats can be booked at once.")
