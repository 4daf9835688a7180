"""What a customer can do with an offer: book it, or give it up."""

from datetime import timedelta

import pytest

from ticketing.domain.errors import Forbidden
from ticketing.domain.paging import Window
from ticketing.domain.sales.errors import (
    HoldAtLimit,
    HoldBooked,
    HoldExpired,
    HoldIsOffer,
    HoldReleased,
    SeatHeld,
)
from ticketing.domain.sales.hold import HoldStatus
from ticketing.domain.sales.waiting_list.entry import EntryStatus

MINUTE = timedelta(minutes=1)


@pytest.fixture
def entry(show, waiting_list, maria, free, offers):
    """Maria has an offer of seats 1 and 2."""
    entry = waiting_list.join(show.id, 2, True, maria)
    free(1, 2)
    offers.serve_all()
    return entry


@pytest.fixture
def offer(entry, current):
    return current(entry).offer


def test_exactly_its_seats_are_booked(entry, offer, holds, maria, status):
    assert holds.book(offer.id, maria).seat_numbers == [1, 2]
    assert status(entry) is EntryStatus.ACCEPTED
    with pytest.raises(HoldBooked):
        holds.book(offer.id, maria)


def test_it_is_not_booked_after_its_end(entry, offer, holds, maria, clock, queries, status):
    clock.now = offer.expires_at
    with pytest.raises(HoldExpired):
        holds.book(offer.id, maria)
    assert status(entry) is EntryStatus.EXPIRED
    assert queries.sales.holds_of(maria.account_id, None, Window(0, 10)).items == []


def test_it_is_never_extended(offer, holds, maria, clock):
    for _ in range(2):
        with pytest.raises(HoldAtLimit):
            holds.extend(offer.id, maria)
        clock.now = offer.expires_at - timedelta(microseconds=1)


def test_it_is_not_changed(entry, offer, holds, maria, free, current, clock):
    free(3)
    for names in ([1], [1, 2], [1, 2, 3]):
        with pytest.raises(HoldIsOffer):
            holds.change(offer.id, names, maria)
    assert current(entry).offer == offer
    clock.now = offer.expires_at
    with pytest.raises(HoldExpired):
        holds.change(offer.id, [1], maria)


def test_it_is_released_to_decline_it(entry, offer, holds, maria, otto, status):
    with pytest.raises(Forbidden):
        holds.release(offer.id, otto)
    holds.release(offer.id, maria)
    holds.release(offer.id, maria)
    assert status(entry) is EntryStatus.DECLINED
    with pytest.raises(HoldReleased):
        holds.book(offer.id, maria)


def test_its_seats_are_held_for_others(offer, show, holds, sales, otto):
    with pytest.raises(SeatHeld) as refusal:
        sales.book(show.id, [1], otto.account_id)
    assert refusal.value.facts["held_until"] == offer.expires_at


def test_seats_that_are_booked_by_name_leave_it(entry, offer, show, sales, maria, status, current):
    sales.book(show.id, [1], maria.account_id)
    assert current(entry).offer.seat_numbers == [2]
    assert status(entry) is EntryStatus.OFFERED
    sales.book(show.id, [2], maria.account_id)
    assert status(entry) is EntryStatus.ACCEPTED


def test_it_does_not_shorten_the_holds_that_follow_it(offer, show, holds, maria, clock, free):
    holds.release(offer.id, maria)
    hold = holds.hold(show.id, [1], maria)
    assert hold.extendable_until == clock.now + 30 * MINUTE
    holds.release(hold.id, maria)
    clock.advance(minutes=1)
    assert holds.hold(show.id, [1], maria).extendable_until == hold.extendable_until
    assert hold.status(clock.now) is HoldStatus.ACTIVE
