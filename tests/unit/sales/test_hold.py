"""Holds: their ids, their states, and how long they last."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import CUSTOMER, NOW, a_show
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import BookingId
from ticketing.domain.sales.errors import (
    HoldAtLimit,
    HoldBooked,
    HoldExpired,
    HoldNotFound,
    HoldReleased,
)
from ticketing.domain.sales.hold import Hold, HoldStatus, new_hold_id, show_of_hold

MINUTE = timedelta(minutes=1)
TEN = 10 * MINUTE


def a_hold(**values):
    show = replace(a_show(), id=ShowId(7))
    hold = Hold(
        id=new_hold_id(show.id),
        show=show,
        customer=CUSTOMER,
        seats=(show.plan.seat(3), show.plan.seat(4)),
        created_at=NOW,
        expires_at=NOW + TEN,
        extendable_until=NOW + 3 * TEN,
    )
    return replace(hold, **values)


BOOKED = {"booking_id": BookingId(5)}
RELEASED = {"released_at": NOW + MINUTE}


def test_an_id_names_its_show_and_is_never_used_again():
    ids = {new_hold_id(ShowId(7)) for _ in range(100)}
    assert len(ids) == 100
    assert {show_of_hold(each) for each in ids} == {7}


@pytest.mark.parametrize(
    "malformed",
    [
        "",
        "7",
        "7-",
        "7-0123456789ABCDE",
        "7-0123456789ABCDEFG",
        "7-0123456789abcdef",
        "7-0123456789ABCDEI",
        "7-0123456789ABCDEF\n",
        "07-0123456789ABCDEF",
        "-7-0123456789ABCDEF",
        "\u0667-0123456789ABCDEF",
        "9999999999999999999-0123456789ABCDEF",
        "7-0123456789ABCDE\x00",
    ],
)
def test_a_malformed_id_is_not_found(malformed):
    assert show_of_hold("7-0123456789ABCDEF") == 7
    with pytest.raises(HoldNotFound):
        show_of_hold(malformed)


@pytest.mark.parametrize(
    ("values", "after", "status"),
    [
        ({}, TEN - timedelta(microseconds=1), HoldStatus.ACTIVE),
        ({}, TEN, HoldStatus.EXPIRED),
        (RELEASED, MINUTE, HoldStatus.RELEASED),
        (RELEASED, TEN, HoldStatus.RELEASED),
        (BOOKED, MINUTE, HoldStatus.BOOKED),
        (BOOKED, TEN, HoldStatus.BOOKED),
    ],
)
def test_the_status_follows_from_what_happened_and_the_time(values, after, status):
    assert a_hold(**values).status(NOW + after) is status


def test_an_extension_lasts_from_now_and_not_beyond_the_limit():
    hold = a_hold()
    assert hold.extended(NOW + MINUTE, TEN).expires_at == NOW + 11 * MINUTE
    late = hold.extended(NOW + 9 * MINUTE, TEN).extended(NOW + 18 * MINUTE, TEN)
    assert late.extended(NOW + 27 * MINUTE, TEN).expires_at == NOW + 3 * TEN
    assert late.created_at == NOW


def test_an_extension_never_shortens():
    hold = a_hold()
    assert hold.extended(NOW + MINUTE, MINUTE) == hold


@pytest.mark.parametrize(
    ("values", "after", "refusal"),
    [
        ({}, TEN, HoldExpired),
        (RELEASED, MINUTE, HoldReleased),
        (RELEASED, TEN, HoldReleased),
        (BOOKED, MINUTE, HoldBooked),
        ({"expires_at": NOW + 3 * TEN}, MINUTE, HoldAtLimit),
    ],
)
def test_only_an_active_hold_below_its_limit_is_extended(values, after, refusal):
    with pytest.raises(refusal):
        a_hold(**values).extended(NOW + after, TEN)


def test_a_refusal_names_the_booking():
    with pytest.raises(HoldBooked) as refusal:
        a_hold(**BOOKED).require_unended()
    assert refusal.value.facts == {"booking": 5}


def test_it_is_released_once():
    released = a_hold().released(NOW + MINUTE)
    assert released.released_at == NOW + MINUTE
    assert released.released(NOW + TEN) is released
    with pytest.raises(HoldBooked):
        a_hold(**BOOKED).released(NOW)


@pytest.mark.parametrize(
    ("names", "together"),
    [
        ("A3", True),
        ("A3 A4 A5", True),
        ("A3 A5", False),
        ("A9 A10", True),
        ("A10 B1", False),
        ("A3 B3", False),
    ],
)
def test_its_seats_are_together_if_no_aisle_or_seat_is_between(names, together):
    plan = a_hold().show.plan
    seats = [plan.seat(number) for number in plan.find(names.split())]
    assert a_hold(seats=seats).together is together


@pytest.mark.parametrize(
    ("values", "after", "ended"),
    [
        ({}, MINUTE, None),
        ({}, TEN, TEN),
        (RELEASED, 2 * MINUTE, MINUTE),
        ({"released_at": NOW + 2 * TEN}, 3 * TEN, TEN),
        (BOOKED, TEN, None),
    ],
)
def test_when_it_ended_unbooked(values, after, ended):
    end = a_hold(**values).unbooked_end(NOW + after)
    assert end == (NOW + ended if ended is not None else None)
