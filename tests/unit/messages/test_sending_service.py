"""Sending messages: at least once, one sender at a time."""

import pytest

from tests.builders import NOW, a_reset_message, an_offer_message
from ticketing.domain.messages.message import RETENTION
from ticketing.domain.messages.ports import NotSent
from ticketing.domain.messages.sending_service import MAX_AT_ONCE, SendingService


class Killed(BaseException):
    """Ends the sender at once, as ``kill -9`` does."""


class Recipient:
    """Takes messages, or does with them what ``act`` does."""

    def __init__(self):
        self.received = []
        self.act = lambda message: True

    def __call__(self, message):
        outcome = self.act(message)
        self.received.append(message.id)
        return outcome


def refuse(message):
    raise NotSent()


def die(message):
    raise Killed()


@pytest.fixture
def recipient():
    return Recipient()


@pytest.fixture
def reported():
    return []


@pytest.fixture
def make(transactions, queries, recipient, reported):
    def make(**options):
        report = lambda kind, outcome: reported.append((kind, outcome))  # noqa: E731
        parts = {"transact": transactions, "queries": queries.messages, "deliver": recipient}
        return SendingService(**{**parts, "report": report, **options})

    return make


@pytest.fixture
def sender(make):
    return make()


@pytest.fixture
def add(transactions):
    def add(*messages):
        for message in messages:
            transactions(lambda uow, message=message: uow.outbox.add(message))

    return add


@pytest.fixture
def stored(transactions):
    return lambda: list(transactions.state.messages.values())


def test_a_message_is_sent_once_and_deleted(add, sender, recipient, stored, reported):
    message = a_reset_message()
    add(message)
    sender.send_due()
    sender.send_due()

    assert recipient.received == [message.id]
    assert stored() == []
    assert reported == [("password_reset", "sent")]


def test_a_message_that_is_out_of_date_is_deleted(add, sender, recipient, stored, reported):
    add(an_offer_message())
    recipient.act = lambda message: False
    sender.send_due()

    assert stored() == []
    assert reported == [("offer", "out_of_date")]


def test_a_refused_message_waits_for_the_next_attempt(add, sender, recipient, clock, reported):
    message = a_reset_message()
    add(message)
    recipient.act = refuse
    sender.send_due()
    recipient.act = lambda message: True
    clock.advance(seconds=59)
    sender.send_due()
    assert recipient.received == []

    clock.advance(seconds=1)
    sender.send_due()
    assert recipient.received == [message.id]
    assert reported == [("password_reset", "not_sent"), ("password_reset", "sent")]


def test_others_are_not_tried_while_the_mail_server_refuses_one(add, sender, recipient, reported):
    add(*(a_reset_message(f"name {number}") for number in range(3)))
    recipient.act = refuse
    sender.send_due()

    assert len(reported) == 1


def test_a_message_whose_sender_was_killed_is_sent_later(add, sender, make, recipient, clock):
    message = a_reset_message()
    add(message)
    recipient.act = die
    with pytest.raises(Killed):
        sender.send_due()
    recipient.act = lambda message: True
    clock.advance(minutes=1)
    make().send_due()

    assert recipient.received == [message.id]


def test_a_message_whose_sender_was_killed_after_sending_is_sent_again(
    add, sender, make, recipient, clock, transactions
):
    message = a_reset_message()
    add(message)
    calls = []

    def dying(work):
        calls.append(work)
        if len(calls) == 2:  # to delete it
            raise Killed()
        return transactions(work)

    with pytest.raises(Killed):
        make(transact=dying).send_due()
    clock.advance(minutes=1)
    sender.send_due()

    assert recipient.received == [message.id] * 2


def test_a_message_that_another_sender_has_begun_is_left_to_it(add, make, recipient):
    """The other one begins between our look at what is due and our attempt, and while it sends."""
    message, another = a_reset_message(), make()
    add(message)

    def send_too(message):
        another.send_due()
        return True

    recipient.act = send_too
    due = another.queries.due_messages(10)

    class Before:
        def due_messages(self, limit):
            return due

    sender = make()
    sender.send_due()
    make(queries=Before()).send_due()
    assert recipient.received == [message.id]


def test_a_message_that_could_not_be_sent_for_a_day_has_failed(
    add, sender, recipient, clock, queries, reported
):
    message = a_reset_message()
    add(message)
    recipient.act = refuse
    for _ in range(24 * 60 + 2):
        sender.send_due()
        clock.advance(minutes=1)

    [failed] = queries.messages.failed_messages(9)
    assert (failed.id, failed.attempts, failed.failed_at) == (
        message.id,
        12,
        NOW.replace(day=5, minute=1),
    )
    assert queries.messages.message_counts() == (0, 0, 1)
    assert reported == [("password_reset", "not_sent")] * 12 + [("password_reset", "failed")]
    sender.send_due()
    assert len(reported) == 13


def test_failed_messages_are_purged_after_a_month(add, sender, clock, stored):
    add(*(a_reset_message(f"name {number}", failed_at=NOW) for number in range(3)))
    add(a_reset_message("waiting"))
    clock.now += RETENTION
    sender.purge()
    assert len(stored()) == 4

    clock.advance(seconds=1)
    sender.purge()
    assert [message.name for message in stored()] == ["waiting"]


def test_a_sender_takes_some_messages_at_once(add, make, recipient):
    add(*(a_reset_message(f"name {number}") for number in range(MAX_AT_ONCE + 1)))
    make().send_due()
    assert len(recipient.received) == MAX_AT_ONCE

    make().send_due()
    assert len(recipient.received) == MAX_AT_ONCE + 1


def test_metrics_are_optional(transactions, queries, recipient, add):
    add(a_reset_message())
    SendingService(transactions, queries.messages, recipient).send_due()

    assert len(recipient.received) == 1
