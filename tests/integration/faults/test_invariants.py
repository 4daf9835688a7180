"""The checks of the other tests find a store that contradicts responses."""

from dataclasses import replace
from http.client import HTTPMessage

import pytest

from tests.integration.faults.invariants import Kept, KeptBooking, check_invariants
from tests.integration.faults.ledger import Known, Wish
from tests.integration.running_server import Answer
from ticketing.domain.accounts.account import AccountId

MARIA, OTTO = AccountId(1), AccountId(2)
MARIAS = KeptBooking(1, MARIA, (1, 2), is_active=True)
OTTOS = KeptBooking(2, OTTO, (3,), is_active=True)
GIVEN_BACK = KeptBooking(3, OTTO, (4,), is_active=False)
STORE = Kept({1: 1, 2: 1, 3: 2, 4: None}, (MARIAS, OTTOS, GIVEN_BACK))


def wish(booking: KeptBooking) -> Wish:
    confirmation = Answer(201, HTTPMessage(), f'{{"id": {booking.id}}}'.encode())
    known = Known.NOT_DONE if booking.is_active else Known.DONE
    return Wish(booking.customer, booking.seats, None, Known.DONE, confirmation, known)


LEDGER = [wish(MARIAS), wish(OTTOS), wish(GIVEN_BACK)]


def kept(seats: dict[int, int | None], *bookings: KeptBooking) -> Kept:
    return Kept({**STORE.seats, **seats}, bookings)


def test_a_store_that_matches_the_responses_passes():
    check_invariants(LEDGER, STORE)


@pytest.mark.parametrize(
    "store",
    [
        pytest.param(
            kept({}, MARIAS, replace(OTTOS, seats=(2, 3)), GIVEN_BACK), id="a seat sold twice"
        ),
        pytest.param(kept({3: None}, MARIAS, GIVEN_BACK), id="a booking that is gone"),
        pytest.param(kept({3: None}, MARIAS, OTTOS, GIVEN_BACK), id="a seat that is free"),
        pytest.param(kept({3: 1}, MARIAS, OTTOS, GIVEN_BACK), id="a seat with another owner"),
        pytest.param(
            kept({3: None}, MARIAS, replace(OTTOS, is_active=False), GIVEN_BACK),
            id="a booking that no customer cancelled",
        ),
        pytest.param(
            kept({4: 3}, MARIAS, OTTOS, replace(GIVEN_BACK, is_active=True)),
            id="a cancellation that is gone",
        ),
        pytest.param(
            kept({4: 4}, MARIAS, OTTOS, GIVEN_BACK, KeptBooking(4, OTTO, (4,), is_active=True)),
            id="a booking that no customer made",
        ),
        pytest.param(
            kept({3: 2}, MARIAS, replace(OTTOS, customer=MARIA), GIVEN_BACK),
            id="a booking of another customer",
        ),
    ],
)
def test_a_store_that_contradicts_a_response_fails(store):
    with pytest.raises(AssertionError):
        check_invariants(LEDGER, store)


def test_a_booking_with_unknown_outcome_may_exist_once_or_not():
    seats = (4,)
    doubt = Wish(OTTO, seats, None, Known.UNKNOWN)
    there, again = (KeptBooking(number, OTTO, seats, is_active=number == 5) for number in (4, 5))
    check_invariants([*LEDGER, doubt], STORE)
    check_invariants([*LEDGER, doubt], kept({4: 5}, *STORE.bookings, again))
    with pytest.raises(AssertionError):
        check_invariants([*LEDGER, doubt], kept({4: 5}, *STORE.bookings, there, again))


def test_one_booking_is_not_two_confirmations():
    with pytest.raises(AssertionError):
        check_invariants([*LEDGER, wish(OTTOS)], STORE)
