"""Check that the store matches the responses to customers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.integration.faults.ledger import BookingRequest, Outcome
from ticketing.domain.accounts.account import AccountId


@dataclass(frozen=True)
class StoredBooking:
    """A stored booking."""

    id: int
    customer: AccountId
    seats: tuple[int, ...]
    is_active: bool


@dataclass(frozen=True)
class StoredHold:
    """A stored hold that is active or expired."""

    id: str
    seats: tuple[int, ...]


@dataclass(frozen=True)
class StoredSales:
    """All stored rows of a show: ``seats`` have the booking of each seat, ``held`` the hold that it
    carries; ``holds`` are those that are active or expired.
    """

    seats: Mapping[int, int | None]
    bookings: tuple[StoredBooking, ...]
    held: Mapping[int, str] = field(default_factory=dict)
    holds: tuple[StoredHold, ...] = ()

    @property
    def sold(self) -> set[int]:
        return {number for number, booking_id in self.seats.items() if booking_id is not None}


def check_responses(requests: Iterable[BookingRequest], bookings: Iterable[StoredBooking]) -> None:
    """Check that each confirmed booking is stored, and no booking without a request."""
    stored = {booking.id: booking for booking in bookings}
    in_doubt: Counter[Any] = Counter()
    for request in requests:
        if request.booked is Outcome.UNKNOWN:
            in_doubt[request.customer, request.seats] += 1
        if request.booked is Outcome.DONE:
            booking = stored.pop(request.booking["id"], None)  # so it cannot belong to two requests
            assert booking is not None, f"{request} was confirmed, but is not stored"
            assert (booking.customer, booking.seats) == (request.customer, request.seats)
            if request.cancelled is not Outcome.UNKNOWN:
                assert booking.is_active == request.is_active, (booking, request)
    unexpected = (
        Counter((booking.customer, booking.seats) for booking in stored.values()) - in_doubt
    )
    assert not unexpected, f"stored without a request: {unexpected}"


def check_invariants(ledger: Iterable[BookingRequest], store: StoredSales) -> None:
    """Check that no seat is sold twice, and that each customer has the confirmed seats."""
    active = [booking for booking in store.bookings if booking.is_active]
    owners = Counter(number for booking in active for number in booking.seats)
    assert set(owners.values()) <= {1}, f"sold twice: {owners.most_common(3)}"
    owned = {number: booking.id for booking in active for number in booking.seats}
    assert owned == {number: store.seats[number] for number in store.sold}
    check_responses(ledger, store.bookings)
    check_holds(store)


def check_holds(store: StoredSales) -> None:
    """Check that no seat is held and sold, and that each is held by a hold that lists it."""
    holds = {hold.id: hold.seats for hold in store.holds}
    assert not store.sold & store.held.keys(), f"sold and held: {store}"
    for number, hold_id in store.held.items():
        assert number in holds.get(hold_id, ()), f"seat {number} is not of its hold: {store}"
