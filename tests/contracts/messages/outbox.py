"""Messages to customers that wait until they are sent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, a_reset_message, a_show, an_offer_message, put_on, register
from tests.contracts.concurrent_calls import all_at_once
from tests.contracts.fixtures import Fixtures, roll_back
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.messages.message import ShowCancelledMessage
from ticketing.domain.messages.ports import MessageCounts

MINUTE = timedelta(minutes=1)
LATER = NOW + MINUTE


def add(transactions, *messages):
    for message in messages:
        transactions(lambda uow, message=message: uow.outbox.add(message))


def save(transactions, before, after):
    return transactions(lambda uow: uow.outbox.save(before, after))


class OutboxContract(Fixtures):
    @pytest.fixture
    def due(self, queries):
        return lambda limit=100: list(queries.messages.due_messages(limit))

    def test_messages_are_stored_and_read_back(self, transactions, due):
        messages = [
            a_reset_message("maria"),
            a_reset_message("Jörg@例え.jp"),
            an_offer_message(7),
            an_offer_message(8),
        ]
        add(transactions, *messages)

        assert sorted(due(), key=str) == sorted(messages, key=str)

    def test_a_removed_message_is_gone(self, transactions, due):
        kept = [a_reset_message(), an_offer_message(7, id="the same")]
        removed = [a_reset_message(), an_offer_message(8, id="the same")]
        add(transactions, *kept, *removed)
        for message in removed * 2:
            transactions(lambda uow, message=message: uow.outbox.remove(message))

        assert sorted(due(), key=str) == sorted(kept, key=str)

    def test_a_message_belongs_to_its_transaction(self, transactions, due):
        roll_back(transactions, lambda uow: uow.outbox.add(a_reset_message()))
        message = an_offer_message()
        add(transactions, message)
        roll_back(transactions, lambda uow: uow.outbox.remove(message))

        assert due() == [message]

    def test_messages_are_due_at_their_time_those_that_waited_longest_first(
        self, transactions, due, clock
    ):
        later, first, now = (
            an_offer_message(show, next_attempt_at=NOW + passed)
            for show, passed in ((7, MINUTE), (8, -MINUTE), (9, 0 * MINUTE))
        )
        add(transactions, later, first, now, a_reset_message(failed_at=NOW))
        assert due() == [first, now]

        clock.advance(minutes=1)
        assert due() == [first, now, later]

    def test_many_messages_about_shows_do_not_hold_up_others(self, transactions, due):
        offers = [an_offer_message(show) for show in (7, 8, 9)]
        resets = [a_reset_message(next_attempt_at=NOW) for _ in range(3)]
        add(transactions, *offers, *resets)

        found = due(2)
        assert len(found) == 4
        assert {*found[:2]} < {*offers}
        assert {*found[2:]} < {*resets}

    @pytest.mark.parametrize("message", [a_reset_message(), an_offer_message()])
    def test_one_of_several_senders_begins_an_attempt(self, transactions, due, message, clock):
        add(transactions, message)
        attempt = message.attempted(NOW)

        begun = all_at_once(lambda _: save(transactions, message, attempt), range(4))

        assert sorted(begun) == [False, False, False, True]
        assert due() == []
        clock.advance(minutes=1)
        assert due() == [attempt]
        assert save(transactions, attempt, attempt.attempted(LATER))

    def test_a_message_that_failed_or_was_removed_is_attempted_no_more(self, transactions, due):
        failed, removed = a_reset_message(), an_offer_message()
        add(transactions, failed)
        assert save(transactions, failed, replace(failed, failed_at=NOW))

        assert not save(transactions, failed, failed.attempted(NOW))
        assert not save(transactions, removed, removed.attempted(NOW))
        assert due() == []

    def test_messages_are_counted_and_failed_ones_listed(self, transactions, queries):
        failed = [
            an_offer_message(7, failed_at=NOW),
            an_offer_message(8, failed_at=LATER),
            a_reset_message(failed_at=LATER),
        ]
        waiting = [an_offer_message(9), a_reset_message(attempts=1), a_reset_message(attempts=2)]
        add(transactions, *waiting, *failed)

        assert queries.messages.message_counts() == MessageCounts(3, 1, 3)
        assert list(queries.messages.failed_messages(9)) == [failed[1], failed[0], failed[2]]
        assert list(queries.messages.failed_messages(1)) == [failed[1], failed[2]]

    def test_resets_that_wait_are_counted_by_name_and_client(self, transactions):
        add(
            transactions,
            *(a_reset_message("maria") for _ in range(2)),
            a_reset_message("otto", client_hash="another"),
            a_reset_message("otto"),
            an_offer_message(),
        )

        def waiting(*hashes):
            return transactions(lambda uow: uow.outbox.waiting(*hashes))

        assert waiting("hash of maria", "hash of a client") == (2, 3)
        assert waiting("hash of otto", "another") == (2, 1)
        assert waiting("hash of anna", "a third") == (0, 0)

    def test_a_cancelled_show_adds_a_message_to_each_customer_with_an_address(
        self, transactions, sales, show, due, clock
    ):
        maria, otto, anna = (
            register(transactions, name, email=email)
            for name, email in (("maria", "m@b.example"), ("otto", None), ("anna", "a@b.example"))
        )
        other = put_on(transactions, a_show(screen=replace(show.screen, id=0, name="Screen 2")))
        for number in (1, 2):
            sales.book(show.id, [number], maria)
        sales.book(show.id, [3], otto)
        given_up = sales.book(show.id, [4], anna)
        sales.cancel(show.id, given_up.id, Actor(anna, Role.CUSTOMER))
        sales.book(other.id, [1], anna)
        transactions(lambda uow: uow.outbox.add_show_cancelled(show.id, LATER))
        clock.advance(minutes=1)

        [message] = due()
        assert message == ShowCancelledMessage(
            id=message.id,
            show_id=show.id,
            account_id=maria,
            created_at=LATER,
            next_attempt_at=LATER,
        )

    def test_messages_of_an_account_are_removed(self, transactions, due):
        theirs = [an_offer_message(show, 5) for show in (7, 8)]
        others = [an_offer_message(9, 6), a_reset_message()]
        add(transactions, *theirs, *others)
        transactions(lambda uow: uow.outbox.remove_all_of(5))

        assert sorted(due(), key=str) == sorted(others, key=str)

    def test_failed_messages_are_purged(self, transactions, due):
        waiting = a_reset_message()
        old = [a_reset_message(failed_at=NOW), an_offer_message(7, failed_at=NOW)]
        add(transactions, *old, waiting, an_offer_message(8, failed_at=LATER))

        def purge(before):
            return transactions(lambda uow: uow.outbox.purge_failed(before))

        assert purge(NOW) == 0
        assert purge(LATER) == 2
        assert purge(LATER) == 0
        assert purge(LATER + MINUTE) == 1
        assert due() == [waiting]
