"""Customers who wait get a message with their offer."""

import pytest

from tests.builders import Mailbox, register, sending_service
from ticketing.adapters.reset_tokens import SignedResetTokens
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.mails import OfferMail


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def sender(transactions, queries, mailbox):
    return sending_service(transactions, queries, mailbox, SignedResetTokens([b"a key"]))


@pytest.fixture
def waiting(transactions):
    return lambda: list(transactions.state.messages.values())


@pytest.fixture
def anna(transactions):
    return Actor(register(transactions, "anna", email="anna@example.org"), Role.CUSTOMER)


@pytest.fixture
def entry(waiting_list, show, anna):
    return waiting_list.join(show.id, 1, True, anna)


@pytest.fixture
def offered(entry, free, offers, current):
    """The entry with its offer."""
    free(2)
    offers.serve_all()
    return current(entry)


def test_an_offer_is_mailed(sender, mailbox, offered, queries, anna):
    sender.send_due()

    assert mailbox.mails == [OfferMail(queries.accounts.account(anna.account_id), offered.offer)]


def test_each_offer_has_its_message(waiting_list, show, transactions, free, offers, waiting):
    for name in ("one", "two"):
        account = register(transactions, name, email=f"{name}@example.org")
        waiting_list.join(show.id, 1, True, Actor(account, Role.CUSTOMER))
    free(1, 2)
    offers.serve_all()
    offers.serve_all()

    assert len({message.account_id for message in waiting()}) == len(waiting()) == 2


def test_an_account_without_address_gets_an_offer_and_no_message(
    waiting_list, show, free, offers, current, waiting, maria
):
    entry = waiting_list.join(show.id, 1, True, maria)
    free(2)
    offers.serve_all()

    assert current(entry).offer
    assert waiting() == []


@pytest.mark.parametrize("end", ["release", "book", "leave"])
def test_an_offer_that_was_answered_is_not_mailed(
    sender, mailbox, waiting, offered, holds, waiting_list, anna, end
):
    {
        "release": lambda: holds.release(offered.offer.id, anna),
        "book": lambda: holds.book(offered.offer.id, anna),
        "leave": lambda: waiting_list.leave(offered.id, anna),
    }[end]()
    sender.send_due()

    assert mailbox.mails == waiting() == []


def test_an_expired_offer_is_not_mailed(sender, mailbox, waiting, offered, clock):
    clock.now = offered.offer.expires_at
    sender.send_due()

    assert mailbox.mails == waiting() == []


def test_the_offer_of_an_entry_that_was_deleted_is_not_mailed(
    sender, mailbox, waiting, offered, transactions
):
    transactions.state.entries.clear()
    sender.send_due()

    assert mailbox.mails == waiting() == []
