"""Bookings, their references and their cancellation."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, TOMORROW, a_booking, a_show
from ticketing.domain.sales.booking import (
    CROCKFORD_BASE_32,
    BookingStatus,
    new_reference,
    reference_from,
)
from ticketing.domain.sales.errors import ShowStarted

A_MOMENT = timedelta(microseconds=1)


def test_a_reference_is_ten_unambiguous_characters():
    references = {new_reference() for _ in range(1000)}
    assert len(references) == 1000
    assert {len(reference) for reference in references} == {10}
    assert set("".join(references)) == set(CROCKFORD_BASE_32)
    assert not set("ILOU") & set(CROCKFORD_BASE_32)


def test_a_new_booking_is_active():
    booking = a_booking()
    assert booking.is_active
    assert booking.status == BookingStatus.BOOKED


def test_a_booking_is_cancelled_with_its_show_unless_it_was_cancelled_before():
    on, off = a_show(), a_show(cancelled_at=NOW)
    assert a_booking(off, cancelled_at=NOW).is_cancelled_with_show
    assert not a_booking(off, cancelled_at=NOW - A_MOMENT).is_cancelled_with_show
    assert not a_booking(on, cancelled_at=NOW).is_cancelled_with_show
    assert not a_booking(on).is_cancelled_with_show


def test_a_booking_can_be_cancelled_until_the_show_starts():
    booking = a_booking()
    cancelled = booking.cancel(now=TOMORROW - A_MOMENT)
    assert cancelled == replace(booking, cancelled_at=TOMORROW - A_MOMENT)
    assert cancelled.status == BookingStatus.CANCELLED
    assert not cancelled.is_active
    with pytest.raises(ShowStarted):
        booking.cancel(now=TOMORROW)


def test_cancelling_again_changes_nothing_even_after_the_start():
    cancelled = a_booking(cancelled_at=NOW)
    assert cancelled.cancel(now=TOMORROW + timedelta(days=1)) is cancelled


def test_a_cancelled_booking_keeps_its_seats():
    booking = a_booking(numbers=[3, 4])
    assert booking.cancel(now=NOW).seats == booking.seats


def test_a_reference_uses_all_characters_in_all_positions():
    drawn = [new_reference() for _ in range(2000)]
    for place in zip(*drawn, strict=True):
        assert set(place) == set(CROCKFORD_BASE_32)


@pytest.mark.parametrize("text", ["7ZK3M9QX01", " 7zk3-m9qx-01 ", "7ZK3M9QXOI", "7zk3m 9qxol"])
def test_a_reference_is_accepted_in_any_usual_spelling(text):
    assert reference_from(text) == "7ZK3M9QX01"


@pytest.mark.parametrize(
    "text", ["", "7ZK3M9QX0", "7ZK3M9QX011", "7ZK3M9QX0U", "7ZK3M9QX0\n", "é" * 10]
)
def test_other_text_is_not_a_reference(text):
    assert reference_from(text) is None


def test_a_booking_lists_the_numbers_of_its_seats():
    booking = a_booking()
    assert booking.seat_numbers == [seat.number for seat in booking.seats]
