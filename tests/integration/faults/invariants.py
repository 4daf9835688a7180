"""Check that the store matches the responses to customers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.integration.faults.ledger import Known, Wish
from ticketing.domain.accounts.account import AccountId


@dataclass(frozen=True)
class KeptBooking:
    """A stored booking."""

    id: int
    customer: AccountId
    seats: tuple[int, ...]
    is_active: bool


@dataclass(frozen=True)
class Kept:
    """All stored rows of a show: ``seats`` are the seats of each booking."""

    seats: Mapping[int, int | None]
    bookings: tuple[KeptBooking, ...]

    @property
    def sold(self) -> set[int]:
        return {number for number, booking_id in self.seats.items() if booking_id is not None}


def check_told(wishes: Iterable[Wish], bookings: Iterable[KeptBooking]) -> None:
    """Each confirmed booking exists, and none that no customer may have made."""
    kept = {booking.id: booking for booking in bookings}
    in_doubt: Counter[Any] = Counter()
    for wish in wishes:
        if wish.booked is Known.UNKNOWN:
            in_doubt[wish.customer, wish.seats] += 1
        if wish.booked is Known.DONE:
            booking = kept.pop(wish.booking["id"], None)  # so it cannot belong to two requests
            assert booking is not None, f"{wish} was confirmed, and is not there"
            assert (booking.customer, booking.seats) == (wish.customer, wish.seats)
            if wish.cancelled is not Known.UNKNOWN:
                assert booking.is_active == wish.is_active, (booking, wish)
    unexpected = Counter((booking.customer, booking.seats) for booking in kept.values()) - in_doubt
    assert not unexpected, f"sold, but no customer knows of it: {unexpected}"


def check_invariants(ledger: Iterable[Wish], store: Kept) -> None:
    """No seat is sold twice, and each customer has the confirmed seats."""
    standing = [booking for booking in store.bookings if booking.is_active]
    owners = Counter(number for booking in standing for number in booking.seats)
    assert set(owners.values()) <= {1}, f"sold twice: {owners.most_common(3)}"
    owned = {number: booking.id for booking in standing for number in booking.seats}
    assert owned == {number: store.seats[number] for number in store.sold}
    check_told(ledger, store.bookings)
