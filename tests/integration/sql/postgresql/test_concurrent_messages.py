"""Senders that meet, and requests that meet, in PostgreSQL."""

import pytest

from tests.builders import ADDRESS, PASSWORD
from tests.integration.sql.postgresql.transaction_client import COMMIT


@pytest.fixture
def owner(client):
    return client("owner")


@pytest.fixture
def other(client):
    return client("other")


@pytest.fixture
def maria(owner):
    return owner.accounts.sign_up("maria", PASSWORD, "maria@example.org")


def test_one_of_two_senders_sends_a_message(owner, other, maria, queries):
    owner.password_resets.request("maria", ADDRESS)
    owner.start(owner.sender.send_due, stopping_before=COMMIT)
    other.start(other.sender.send_due)
    assert other.waited
    owner.resume()
    other.result()

    assert len(owner.mailbox.mails) == 1
    assert other.mailbox.mails == []
    assert queries.messages.message_counts().waiting == 0


@pytest.mark.parametrize("names", [["maria"] * 4, [f"name {n}" for n in range(21)]])
def test_two_requests_together_keep_the_limit(owner, other, queries, names):
    """Of a name, and of a client."""
    *before, one, another = names
    for name in before:
        owner.password_resets.request(name, ADDRESS)
    owner.start(owner.password_resets.request, one, ADDRESS, stopping_before=COMMIT)
    other.start(other.password_resets.request, another, ADDRESS)
    assert other.waited
    owner.resume()
    other.result()

    assert queries.messages.message_counts().waiting == len(names) - 1
