"""Password reset by a link in a mail."""

from dataclasses import replace

import pytest

from tests.builders import (
    ADDRESS,
    JUST_NOW,
    NOW,
    PASSWORD,
    FastHasher,
    InterruptedHasher,
    account_service,
    session_service,
)
from ticketing.adapters.email_addresses import NAME_KEYS
from ticketing.adapters.reset_tokens import SignedResetTokens
from ticketing.domain.accounts.errors import (
    BadCredentials,
    ResetTokenInvalid,
    TokenRevoked,
    TooManyAttempts,
)
from ticketing.domain.accounts.password_reset_service import PasswordResetService
from ticketing.domain.accounts.passwords import Passwords
from ticketing.domain.accounts.throttle import LOG_INS, Throttle
from ticketing.domain.errors import InvalidFields

ANOTHER = "another horse"
TOKENS = SignedResetTokens([b"a key"])


@pytest.fixture
def throttle(transactions):
    return Throttle(transactions, LOG_INS, b"a key")


@pytest.fixture
def accounts(transactions, queries):
    return account_service(transactions, queries)


@pytest.fixture
def sessions(transactions, queries, throttle):
    return session_service(transactions, queries, throttle=throttle)


@pytest.fixture
def make(transactions, queries):
    """A service with another hasher."""

    def make(hasher=None):
        passwords = Passwords(hasher or FastHasher(), common=frozenset({"letmein!"}))
        return PasswordResetService(
            transactions, queries.accounts, passwords, TOKENS, b"another key", NAME_KEYS.main
        )

    return make


@pytest.fixture
def resets(make):
    return make()


@pytest.fixture(autouse=True)
def maria(accounts):
    return accounts.sign_up("Maria", PASSWORD, "maria@example.org")


@pytest.fixture
def token(maria, clock):
    return TOKENS.issue(maria, clock())


@pytest.fixture
def waiting(transactions):
    """Return the messages that wait."""
    return lambda: list(transactions.state.messages.values())


@pytest.mark.parametrize("name", ["Maria", "maria@example.org", "unknown", "", "m" * 254])
def test_a_request_writes_the_same_row_for_any_name(resets, waiting, transactions, name):
    resets.request(name, ADDRESS)

    [message] = waiting()
    assert (message.name, message.attempts) == (name, 0)
    assert message.created_at == message.next_attempt_at == NOW
    assert transactions.state.attempts == {}


@pytest.mark.parametrize("name", ["\x00", "\ud800", "m" * 255, "\u0301\u0316" * 40_000])
def test_a_name_that_no_account_can_have_writes_none(resets, waiting, name):
    resets.request(name, ADDRESS)

    assert waiting() == []


def test_no_row_contains_the_address_of_the_client_or_what_leads_to_the_account(
    resets, waiting, maria
):
    resets.request("maria", ADDRESS)

    [message] = waiting()
    assert ADDRESS not in str(message)
    assert not {str(maria.id), maria.email} & set(str(message).split("'"))


def test_three_messages_wait_for_a_name_however_it_is_written(resets, waiting):
    for name in ["maria@example.org", "MARIA@example.org", "maria@EXAMPLE.org"] * 2:
        resets.request(name, ADDRESS)
    assert len(waiting()) == 3

    resets.request("unknown", ADDRESS)
    assert len(waiting()) == 4


def test_a_name_may_be_requested_again_when_a_message_is_sent(resets, waiting, transactions):
    for _ in range(4):
        resets.request("maria", ADDRESS)
    transactions(lambda uow: uow.outbox.remove(waiting()[0]))
    for _ in range(2):
        resets.request("maria", ADDRESS)

    assert len(waiting()) == 3


def test_twenty_messages_wait_for_a_client(resets, waiting):
    for number in range(21):
        resets.request(f"name {number}", f"2001:db8::{number}")
    assert len(waiting()) == 20

    resets.request("maria", ADDRESS)
    assert len(waiting()) == 21


def test_only_the_new_password_is_valid(sessions, resets, token):
    resets.confirm(token, ANOTHER)

    with pytest.raises(BadCredentials):
        sessions.log_in("maria", PASSWORD, ADDRESS)
    assert sessions.log_in("maria", ANOTHER, ADDRESS)


def test_all_sessions_end(sessions, resets, queries, maria, token, clock):
    session = sessions.log_in("maria", PASSWORD, ADDRESS).session
    resets.confirm(token, ANOTHER)

    assert queries.accounts.revoked_sessions(JUST_NOW) == {session.id}
    with pytest.raises(TokenRevoked):
        sessions.renew(maria.id, session.id, 1)


def test_a_token_is_valid_once(sessions, resets, token):
    resets.confirm(token, ANOTHER)

    with pytest.raises(ResetTokenInvalid):
        resets.confirm(token, "the third horse")
    assert sessions.log_in("maria", ANOTHER, ADDRESS)


def test_using_one_of_two_tokens_voids_the_other(resets, maria, token, clock):
    clock.advance(minutes=1)
    resets.confirm(TOKENS.issue(maria, clock()), ANOTHER)

    with pytest.raises(ResetTokenInvalid):
        resets.confirm(token, "the third horse")


def test_a_token_expires_after_30_minutes(resets, token, clock):
    clock.advance(minutes=30)

    with pytest.raises(ResetTokenInvalid):
        resets.confirm(token, ANOTHER)


@pytest.mark.parametrize(
    "token", ["", "nonsense", "WzEsOTk5OTk5OTk5OV0.x", "Wzk4NzY1NCw5OTk5OTk5OTk5XQ.x"]
)
def test_an_invalid_token_cannot_set_a_password(resets, token):
    with pytest.raises(ResetTokenInvalid):
        resets.confirm(token, ANOTHER)


def test_a_check_does_not_use_a_token_up(resets, token):
    resets.check(token)
    resets.check(token)
    resets.confirm(token, ANOTHER)

    with pytest.raises(ResetTokenInvalid):
        resets.check(token)


def test_a_check_refuses_an_expired_token(resets, token, clock):
    clock.advance(minutes=30)

    with pytest.raises(ResetTokenInvalid):
        resets.check(token)


@pytest.mark.parametrize(
    "token", ["", "nonsense", "WzEsOTk5OTk5OTk5OV0.x", "Wzk4NzY1NCw5OTk5OTk5OTk5XQ.x"]
)
def test_a_check_refuses_an_invalid_token(resets, token):
    with pytest.raises(ResetTokenInvalid):
        resets.check(token)


def test_another_change_of_the_password_voids_the_token(accounts, resets, token):
    accounts.change_password("maria", "the third horse")

    with pytest.raises(ResetTokenInvalid):
        resets.confirm(token, ANOTHER)


def test_deleting_the_account_voids_the_token(
    transactions, queries, throttle, resets, maria, token
):
    account_service(transactions, queries, throttle=throttle).delete(maria.id)

    with pytest.raises(ResetTokenInvalid):
        resets.confirm(token, ANOTHER)
    assert queries.accounts.account(maria.id).is_deleted


@pytest.mark.parametrize("password", ["short", "LetMeIn!"])
def test_a_refused_password_does_not_use_the_token_up(resets, token, password):
    with pytest.raises(InvalidFields) as refusal:
        resets.confirm(token, password)
    assert list(refusal.value.facts["errors"]) == ["new_password"]
    resets.confirm(token, ANOTHER)


def test_an_invalid_token_is_refused_before_the_password(resets):
    with pytest.raises(ResetTokenInvalid):
        resets.confirm("nonsense", "short")


def test_a_reset_does_not_end_the_throttling(sessions, resets, token):
    for _ in range(10):
        with pytest.raises(BadCredentials):
            sessions.log_in("maria", "wrong", ADDRESS)
    resets.confirm(token, ANOTHER)

    with pytest.raises(TooManyAttempts):
        sessions.log_in("maria", ANOTHER, ADDRESS)


def test_a_check_opens_no_transaction(resets, token):
    assert replace(resets, transact=None).check(token).username == "Maria"


def test_of_two_concurrent_uses_of_a_token_one_succeeds(sessions, make, resets, token):
    slow = make(InterruptedHasher(lambda: resets.confirm(token, "the third horse")))

    with pytest.raises(ResetTokenInvalid):
        slow.confirm(token, ANOTHER)
    assert sessions.log_in("maria", "the third horse", ADDRESS)
