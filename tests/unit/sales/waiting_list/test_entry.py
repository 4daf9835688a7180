"""What an entry of a waiting list is at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, a_hold, a_show, an_entry
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import BookingId
from ticketing.domain.sales.waiting_list.entry import EntryStatus, new_entry_id, show_of_entry
from ticketing.domain.sales.waiting_list.errors import EntryNotFound

SHOW = a_show(id=ShowId(7), starts_at=NOW + timedelta(days=3))
OFFER = a_hold(SHOW, is_offer=True)
CLOSING_TIME = SHOW.starts_at - timedelta(hours=2)
MOMENT = timedelta(microseconds=1)


def test_its_id_names_the_show():
    first, second = new_entry_id(SHOW.id), new_entry_id(SHOW.id)
    assert first != second
    assert show_of_entry(first) == show_of_entry(second) == 7


@pytest.mark.parametrize("malformed", ["", "7", "7-", "-0123456789ABCDEF", "0-0123456789ABCDEF"])
def test_a_malformed_id_is_of_no_entry(malformed):
    with pytest.raises(EntryNotFound):
        show_of_entry(malformed)


def test_it_waits_until_two_hours_before_the_start():
    entry = an_entry(SHOW)
    assert entry.status(CLOSING_TIME - MOMENT) is EntryStatus.WAITING
    assert entry.status(CLOSING_TIME) is EntryStatus.CLOSED


def test_it_ends_with_the_show_even_before_that_is_stored():
    assert an_entry(SHOW.cancelled(NOW)).status(NOW) is EntryStatus.CLOSED


@pytest.mark.parametrize(
    ("offer", "status"),
    [
        (OFFER, EntryStatus.OFFERED),
        (replace(OFFER, booking_id=BookingId(1)), EntryStatus.ACCEPTED),
        (OFFER.released(NOW), EntryStatus.DECLINED),
        (replace(OFFER, expires_at=NOW), EntryStatus.EXPIRED),
    ],
)
def test_with_an_offer_it_is_what_the_hold_is(offer, status):
    entry = an_entry(SHOW, offer=offer)
    assert entry.status(NOW) is status
    assert replace(entry, show=SHOW.cancelled(NOW)).status(NOW) is status


def test_an_offer_lasts_beyond_the_time_when_lists_close():
    offer = replace(OFFER, expires_at=CLOSING_TIME + MOMENT)
    assert an_entry(SHOW, offer=offer).status(CLOSING_TIME) is EntryStatus.OFFERED


def test_who_left_declined():
    assert an_entry(SHOW, left_at=NOW).status(CLOSING_TIME) is EntryStatus.DECLINED


def test_a_closed_entry_stays_closed_whatever_its_offer_becomes():
    entry = an_entry(SHOW, offer=OFFER.released(NOW), closed_at=NOW)
    assert entry.status(NOW) is EntryStatus.CLOSED


@pytest.mark.parametrize(
    ("ended", "is_active"),
    [
        ({}, True),
        ({"offer": OFFER}, True),
        ({"offer": replace(OFFER, booking_id=BookingId(1))}, False),
        ({"offer": OFFER.released(NOW)}, False),
        ({"offer": replace(OFFER, expires_at=NOW)}, False),
        ({"left_at": NOW}, False),
        ({"closed_at": NOW}, False),
    ],
)
def test_it_is_active_while_it_waits_or_has_an_offer(ended, is_active):
    assert an_entry(SHOW, **ended).is_active(NOW) is is_active


def test_it_is_queued_until_it_gets_an_offer_or_ends():
    assert an_entry(SHOW).is_queued
    for ended in ({"offer": OFFER}, {"left_at": NOW}, {"closed_at": NOW}):
        assert not an_entry(SHOW, **ended).is_queued
