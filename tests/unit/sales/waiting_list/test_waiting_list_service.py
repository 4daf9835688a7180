"""Joining and leaving a waiting list."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, a_show, put_on, register
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.audit import AuditEntry
from ticketing.domain.errors import Forbidden, InvalidFields
from ticketing.domain.paging import Window
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.best_available.best_available_service import BestAvailableService
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.errors import (
    IdempotencyKeyReused,
    SalesClosed,
    SeatLimit,
)
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.sales.waiting_list.entry import EntryId, EntryStatus, new_entry_id
from ticketing.domain.sales.waiting_list.errors import (
    AlreadyWaiting,
    EntryNotFound,
    SeatsAvailable,
)
from ticketing.domain.sales.waiting_list.waiting_list_service import WaitingListService

from .conftest import POLICY

ALL = Window(0, 100)


def requested(key, fingerprint="same"):
    return Repeatable(key, fingerprint, lambda entry: f"entry {entry.id}")


@pytest.fixture
def has_waiting(queries, show):
    return lambda: queries.programme.show(show.id).show.has_waiting


class TestJoining:
    def test_a_customer_waits_behind_all_who_wait_already(
        self, waiting_list, show, maria, otto, current, queries, has_waiting
    ):
        assert not has_waiting()
        first = waiting_list.join(show.id, 2, True, maria)
        second = waiting_list.join(show.id, 3, False, otto)
        assert current(first) == first
        assert (first.show.id, first.customer) == (show.id, maria.account_id)
        assert (first.count, first.together, first.created_at) == (2, True, NOW)
        assert first.status(NOW) is EntryStatus.WAITING
        assert first.position < second.position
        assert has_waiting()

    def test_there_must_be_such_a_show(self, waiting_list, maria):
        with pytest.raises(ShowNotFound):
            waiting_list.join(ShowId(987_654), 0, True, maria)

    @pytest.mark.parametrize("count", [-1, 0, 11])
    def test_one_to_ten_seats_can_be_waited_for(
        self, transactions, waiting_list, show, maria, count
    ):
        closed = put_on(transactions, replace(a_show(), starts_at=NOW))
        for each in (show, closed):
            with pytest.raises(InvalidFields) as refusal:
                waiting_list.join(each.id, count, True, maria)
            assert list(refusal.value.facts["errors"]) == ["count"]

    def test_the_list_closes_two_hours_before_the_start(self, waiting_list, show, maria, clock):
        clock.now = show.starts_at - timedelta(hours=2)
        with pytest.raises(SalesClosed, match="two hours before"):
            waiting_list.join(show.id, 1, True, maria)
        clock.advance(microseconds=-1)
        waiting_list.join(show.id, 1, True, maria)

    def test_the_end_of_sales_and_a_cancelled_show_have_their_own_texts(
        self, transactions, waiting_list, show, maria, clock
    ):
        clock.now = show.starts_at + timedelta(minutes=15)
        with pytest.raises(SalesClosed, match="have ended"):
            waiting_list.join(show.id, 1, True, maria)
        clock.now = NOW
        transactions(lambda uow: uow.shows.save(show.cancelled(NOW)))
        with pytest.raises(SalesClosed, match="cancelled"):
            waiting_list.join(show.id, 1, True, maria)

    def test_a_show_with_seats_for_the_party_has_no_list(
        self, transactions, waiting_list, show, maria, otto, free, clock
    ):
        free(1, 3)
        for party in [(1, True), (1, False), (2, False)]:
            with pytest.raises(SeatsAvailable):
                waiting_list.join(show.id, *party, maria)
        waiting_list.join(show.id, 2, True, maria)
        waiting_list.join(show.id, 3, False, otto)

    def test_who_waits_for_two_seats_can_book_one(self, waiting_list, show, maria, free, clock):
        waiting_list.join(show.id, 2, True, maria)
        free(1)
        clock.advance(seconds=5)
        with pytest.raises(SeatsAvailable):  # before AlreadyWaiting
            waiting_list.join(show.id, 1, True, maria)

    def test_an_account_waits_once_for_a_show(
        self, transactions, waiting_list, show, maria, clock, sales, people
    ):
        entry = waiting_list.join(show.id, 4, True, maria)
        with pytest.raises(AlreadyWaiting) as refusal:  # before the seat limit
            waiting_list.join(show.id, 5, True, maria)
        assert refusal.value.facts == {"entry": entry.id}
        other = put_on(transactions, replace(show, id=ShowId(0), plan=plain_grid(1)))
        sales.book(other.id, [1], people("owner").account_id)
        waiting_list.join(other.id, 1, True, maria)

    def test_an_account_with_an_offer_does_not_wait_again(
        self, waiting_list, show, maria, offers, free, status
    ):
        entry = waiting_list.join(show.id, 1, True, maria)
        free(1)
        offers.serve_all()
        assert status(entry) is EntryStatus.OFFERED
        with pytest.raises(AlreadyWaiting):
            waiting_list.join(show.id, 1, True, maria)

    def test_who_left_joins_again_at_the_end(self, waiting_list, show, maria, otto):
        entry = waiting_list.join(show.id, 1, True, maria)
        other = waiting_list.join(show.id, 1, True, otto)
        waiting_list.leave(entry.id, maria)
        again = waiting_list.join(show.id, 1, True, maria)
        assert entry.position < other.position < again.position
        assert again.id != entry.id

    def test_a_rehearsal_is_for_its_own_customers(
        self, transactions, waiting_list, show, maria, sales
    ):
        twin = put_on(transactions, replace(show, plan=plain_grid(1), rehearsal=True))
        sales.book(twin.id, [1], register(transactions, "owner 2", rehearsal="trial"))
        with pytest.raises(SalesClosed, match="rehearsal"):
            waiting_list.join(twin.id, 1, True, maria)
        actor = Actor(register(transactions, "guest", rehearsal="trial"), Role.CUSTOMER)
        waiting_list.join(twin.id, 1, True, actor)


class TestTheSeatLimit:
    """An account may have four seats of a show."""

    def test_it_counts_the_seats_that_one_waits_for(
        self, transactions, waiting_list, show, maria, sales, holds, free, clock
    ):
        best_available = BestAvailableService(transactions, POLICY)
        waiting_list.join(show.id, 4, True, maria)
        free(1)
        clock.advance(seconds=5)
        party = Party(count=1)
        customer = maria.account_id
        for attempt in (
            lambda: sales.book(show.id, [1], customer),
            lambda: holds.hold(show.id, [1], maria),
            lambda: best_available.book(show.id, party, customer),
            lambda: best_available.hold(show.id, party, maria),
        ):
            with pytest.raises(SeatLimit) as refusal:
                attempt()
            assert refusal.value.facts == {"limit": 4, "held": 4}

    def test_it_counts_the_seats_that_one_has(
        self, waiting_list, show, maria, otto, free, sales, holds
    ):
        free(1, 2)
        sales.book(show.id, [1], maria.account_id)
        holds.hold(show.id, [2], maria)
        with pytest.raises(SeatLimit):
            waiting_list.join(show.id, 3, True, maria)
        waiting_list.join(show.id, 2, True, maria)
        waiting_list.join(show.id, 3, True, otto)

    def test_an_offer_counts_as_its_hold_does_and_an_ended_entry_no_more(
        self, waiting_list, show, maria, free, sales, offers, current
    ):
        entry = waiting_list.join(show.id, 2, True, maria)
        free(1, 2, 4, 5, 6)
        offers.serve_all()
        offered = set(current(entry).offer.seat_numbers)
        others = sorted({1, 2, 4, 5, 6} - offered)
        sales.book(show.id, others[:2], maria.account_id)
        with pytest.raises(SeatLimit):
            sales.book(show.id, others[2:], maria.account_id)
        waiting_list.leave(entry.id, maria)
        sales.book(show.id, others[2:], maria.account_id)

    def test_a_closed_list_does_not_count(self, waiting_list, show, maria, free, sales, clock):
        waiting_list.join(show.id, 4, True, maria)
        free(1)
        clock.now = show.starts_at - timedelta(hours=2)
        sales.book(show.id, [1], maria.account_id)

    def test_staff_are_exempt(self, waiting_list, show, staff):
        waiting_list.join(show.id, 5, True, staff)

    def test_there_may_be_none(self, transactions, show, maria):
        WaitingListService(transactions, SalesPolicy()).join(show.id, 10, True, maria)


class TestARepeatedRequest:
    def test_it_gets_the_first_answer_again(self, waiting_list, show, maria, queries):
        entry = waiting_list.join(show.id, 1, True, maria, requested("k"))
        again = waiting_list.join(show.id, 1, True, maria, requested("k"))
        assert again == Replay(f"entry {entry.id}")
        waiting_list.leave(entry.id, maria)
        assert waiting_list.join(show.id, 1, True, maria, requested("k")) == again
        assert queries.waiting_list.entries_of(maria.account_id, None, ALL).total == 1

    def test_another_request_with_its_key_is_refused(self, waiting_list, show, maria, otto):
        waiting_list.join(show.id, 1, True, maria, requested("k"))
        with pytest.raises(IdempotencyKeyReused):
            waiting_list.join(show.id, 2, True, maria, requested("k", "other"))
        waiting_list.join(show.id, 2, True, otto, requested("k", "other"))

    def test_a_refused_request_is_judged_again(self, waiting_list, show, maria, free, sales):
        free(1)
        with pytest.raises(SeatsAvailable):
            waiting_list.join(show.id, 1, True, maria, requested("k"))
        sales.book(show.id, [1], maria.account_id)
        entry = waiting_list.join(show.id, 1, True, maria, requested("k"))
        assert entry.status(NOW) is EntryStatus.WAITING


class TestLeaving:
    def test_a_waiting_entry_ends(
        self, waiting_list, show, maria, otto, status, current, clock, has_waiting
    ):
        entry, other = (waiting_list.join(show.id, 1, True, each) for each in (maria, otto))
        clock.advance(minutes=1)
        waiting_list.leave(entry.id, maria)
        assert (status(entry), status(other)) == (EntryStatus.DECLINED, EntryStatus.WAITING)
        assert current(entry).left_at == clock.now
        assert has_waiting()
        waiting_list.leave(other.id, otto)
        assert not has_waiting()

    def test_an_offer_is_declined_and_its_seats_are_free(
        self, waiting_list, show, maria, free, offers, status, current, queries
    ):
        entry = waiting_list.join(show.id, 2, True, maria)
        free(1, 2)
        offers.serve_all()
        assert queries.sales.seat_map(show.id).held == {1, 2}
        waiting_list.leave(entry.id, maria)
        assert status(entry) is EntryStatus.DECLINED
        assert current(entry).left_at is None
        assert queries.sales.seat_map(show.id).held == frozenset()

    def test_an_entry_that_ended_stays_as_it_is(
        self, waiting_list, show, maria, free, offers, current, clock, holds, status
    ):
        entry = waiting_list.join(show.id, 1, True, maria)
        free(1)
        offers.serve_all()
        holds.book(current(entry).offer.id, maria)
        left = waiting_list.join(show.id, 1, True, maria)
        waiting_list.leave(left.id, maria)
        closed = waiting_list.join(show.id, 1, True, maria)
        before = [current(each) for each in (entry, left, closed)]
        clock.now = show.starts_at - timedelta(hours=2)
        for each in (entry, left, closed):
            waiting_list.leave(each.id, maria)
        assert [current(each) for each in (entry, left, closed)] == before
        assert status(closed) is EntryStatus.CLOSED

    def test_it_is_for_the_customer_and_the_staff(
        self, transactions, waiting_list, show, maria, otto, staff, status, queries
    ):
        entry = waiting_list.join(show.id, 1, True, maria)
        with pytest.raises(Forbidden):
            waiting_list.leave(entry.id, otto)
        waiting_list.leave(entry.id, staff)
        waiting_list.leave(entry.id, staff)
        assert status(entry) is EntryStatus.DECLINED
        [recorded] = queries.audit.audit_entries(ALL).items
        assert replace(recorded, id=0) == AuditEntry(
            at=NOW,
            account_id=staff.account_id,
            action="waiting_list.entry_ended",
            subject_kind="show",
            subject_id=show.id,
            details={"entry": entry.id},
        )

    def test_what_customers_end_themselves_is_not_recorded(
        self, waiting_list, show, staff, queries
    ):
        waiting_list.leave(waiting_list.join(show.id, 1, True, staff).id, staff)
        assert queries.audit.audit_entries(ALL).total == 0

    def test_there_must_be_such_an_entry(self, waiting_list, show, maria):
        for entry_id in (new_entry_id(show.id), EntryId("nonsense")):
            with pytest.raises(EntryNotFound):
                waiting_list.leave(entry_id, maria)


class TestTheEndOfAnAccount:
    def test_all_its_entries_end(
        self, transactions, waiting_list, show, maria, otto, sales, people, free, offers, status
    ):
        other = put_on(transactions, replace(show, id=ShowId(0), plan=plain_grid(1)))
        sales.book(other.id, [1], people("owner").account_id)
        offered = waiting_list.join(show.id, 1, True, maria)
        free(1)
        offers.serve_all()
        waiting = waiting_list.join(other.id, 1, True, maria)
        kept = waiting_list.join(show.id, 1, True, otto)
        waiting_list.leave_all_of(maria.account_id)
        assert (status(offered), status(waiting)) == (EntryStatus.DECLINED, EntryStatus.DECLINED)
        assert status(kept) is EntryStatus.WAITING

    def test_an_entry_may_be_deleted_in_the_meantime(
        self, transactions, waiting_list, show, maria, monkeypatch
    ):
        gone = new_entry_id(show.id)
        stale = "ticketing.adapters.memory.waiting_list.MemoryWaitingList.live_of"
        monkeypatch.setattr(stale, lambda self, customer: [gone])
        waiting_list.leave_all_of(maria.account_id)


def test_entries_are_purged_two_days_after_their_end(
    waiting_list, show, maria, otto, queries, clock
):
    entry = waiting_list.join(show.id, 1, True, maria)
    kept = waiting_list.join(show.id, 1, True, otto)
    waiting_list.leave(entry.id, maria)
    clock.advance(hours=49)
    waiting_list.purge()
    assert queries.waiting_list.entry(entry.id)
    clock.advance(microseconds=1)
    waiting_list.purge()
    with pytest.raises(EntryNotFound):
        queries.waiting_list.entry(entry.id)
    assert queries.waiting_list.entry(kept.id).entry == kept
    clock.now = show.starts_at + timedelta(hours=49, microseconds=1)
    waiting_list.purge()
    with pytest.raises(EntryNotFound):
        queries.waiting_list.entry(kept.id)
