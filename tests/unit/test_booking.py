"""Bookings stand until they are cancelled."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, TOMORROW, a_booking
from ticketing.domain.booking import CROCKFORD_BASE_32, BookingStatus, new_reference
from ticketing.domain.errors import ShowStarted

A_MOMENT = timedelta(microseconds=1)


def test_a_reference_is_ten_characters_that_nobody_confuses():
    references = {new_reference() for _ in range(1000)}
    assert len(references) == 1000
    assert {len(reference) for reference in references} == {10}
    assert set("".join(references)) == set(CROCKFORD_BASE_32)
    assert not set("ILOU") & set(CROCKFORD_BASE_32)


def test_a_new_booking_stands():
    booking = a_booking()
    assert booking.stands
    assert booking.status == BookingStatus.BOOKED


def test_a_booking_is_cancelled_until_the_show_starts():
    booking = a_booking()
    cancelled = booking.cancel(now=TOMORROW - A_MOMENT)
    assert cancelled == replace(booking, cancelled_at=TOMORROW - A_MOMENT)
    assert cancelled.status == BookingStatus.CANCELLED
    assert not cancelled.stands
    with pytest.raises(ShowStarted):
        booking.cancel(now=TOMORROW)


def test_a_cancelled_booking_stays_as_it_is_even_after_the_start():
    cancelled = a_booking(cancelled_at=NOW)
    assert cancelled.cancel(now=TOMORROW + timedelta(days=1)) is cancelled


def test_a_cancelled_booking_keeps_its_seats():
    booking = a_booking(numbers=[3, 4])
    assert booking.cancel(now=NOW).seats == booking.seats
