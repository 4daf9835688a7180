"""The checks of the other fault tests detect a store that contradicts the responses."""

from dataclasses import replace
from http.client import HTTPMessage

import pytest

from tests.integration.faults.invariants import (
    StoredBooking,
    StoredHold,
    StoredSales,
    check_invariants,
)
from tests.integration.faults.ledger import BookingRequest, Outcome
from tests.integration.running_server import Answer
from ticketing.domain.accounts.account import AccountId

MARIA, OTTO = AccountId(1), AccountId(2)
MARIAS = StoredBooking(1, MARIA, (1, 2), is_active=True)
OTTOS = StoredBooking(2, OTTO, (3,), is_active=True)
CANCELLED = StoredBooking(3, OTTO, (4,), is_active=False)
STORE = StoredSales({1: 1, 2: 1, 3: 2, 4: None}, (MARIAS, OTTOS, CANCELLED))

HOLD = StoredHold("h", (1, 4))


def request(booking: StoredBooking) -> BookingRequest:
    confirmation = Answer(201, HTTPMessage(), f'{{"id": {booking.id}}}'.encode())
    known = Outcome.NOT_DONE if booking.is_active else Outcome.DONE
    return BookingRequest(booking.customer, booking.seats, None, Outcome.DONE, confirmation, known)


LEDGER = [request(MARIAS), request(OTTOS), request(CANCELLED)]


def stored(seats: dict[int, int | None], *bookings: StoredBooking) -> StoredSales:
    return StoredSales({**STORE.seats, **seats}, bookings)


def test_a_store_that_matches_the_responses_passes():
    check_invariants(LEDGER, STORE)
    check_invariants(LEDGER, replace(STORE, held={4: "h"}, holds=(HOLD,)))


@pytest.mark.parametrize(
    "store",
    [
        pytest.param(replace(STORE, held={1: "h"}, holds=(HOLD,)), id="a seat sold and held"),
        pytest.param(replace(STORE, held={4: "h"}), id="a seat of a hold that ended"),
        pytest.param(
            stored({}, MARIAS, replace(OTTOS, seats=(2, 3)), CANCELLED), id="a seat sold twice"
        ),
        pytest.param(stored({3: None}, MARIAS, CANCELLED), id="a booking that is gone"),
        pytest.param(stored({3: None}, MARIAS, OTTOS, CANCELLED), id="a seat that is free"),
        pytest.param(stored({3: 1}, MARIAS, OTTOS, CANCELLED), id="a seat with another owner"),
        pytest.param(
            stored({3: None}, MARIAS, replace(OTTOS, is_active=False), CANCELLED),
            id="a booking that no customer cancelled",
        ),
        pytest.param(
            stored({4: 3}, MARIAS, OTTOS, replace(CANCELLED, is_active=True)),
            id="a cancellation that is gone",
        ),
        pytest.param(
            stored({4: 4}, MARIAS, OTTOS, CANCELLED, StoredBooking(4, OTTO, (4,), is_active=True)),
            id="a booking that no customer made",
        ),
        pytest.param(
            stored({3: 2}, MARIAS, replace(OTTOS, customer=MARIA), CANCELLED),
            id="a booking of another customer",
        ),
    ],
)
def test_a_store_that_contradicts_a_response_fails(store):
    with pytest.raises(AssertionError):
        check_invariants(LEDGER, store)


def test_a_booking_with_unknown_outcome_may_exist_once_or_not():
    seats = (4,)
    unknown = BookingRequest(OTTO, seats, None, Outcome.UNKNOWN)
    there, again = (StoredBooking(number, OTTO, seats, is_active=number == 5) for number in (4, 5))
    check_invariants([*LEDGER, unknown], STORE)
    check_invariants([*LEDGER, unknown], stored({4: 5}, *STORE.bookings, again))
    with pytest.raises(AssertionError):
        check_invariants([*LEDGER, unknown], stored({4: 5}, *STORE.bookings, there, again))


def test_one_booking_is_not_two_confirmations():
    with pytest.raises(AssertionError):
        check_invariants([*LEDGER, request(OTTOS)], STORE)
