"""Seats that come free are offered to those who wait, in order."""

from datetime import timedelta

from ticketing.domain.sales.waiting_list.entry import EntryStatus

MINUTE = timedelta(minutes=1)


def test_a_free_seat_is_offered_to_the_first_party_that_it_fits(
    show, waiting_list, offers, sales, holds, maria, otto, status, free
):
    entry = waiting_list.join(show.id, 2, True, maria)
    other = waiting_list.join(show.id, 1, False, otto)
    free(2)
    offers.serve_all()
    assert status(entry) is EntryStatus.WAITING
    assert status(other) is EntryStatus.OFFERED
