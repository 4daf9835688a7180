"""Password reset by a link in a mail."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.builders import (
    ADDRESS,
    JUST_NOW,
    PASSWORD,
    FastHasher,
    InterruptedHasher,
    Mailbox,
    account_service,
    at_once,
    register,
    session_service,
)
from ticketing.adapters.reset_tokens import SignedResetTokens
from ticketing.domain.accounts.errors import (
    BadCredentials,
    ResetTokenInvalid,
    TokenRevoked,
    TooManyAttempts,
)
from ticketing.domain.accounts.password_reset_service import PasswordResetService
from ticketing.domain.accounts.passwords import Passwords
from ticketing.domain.accounts.ports import Quota
from ticketing.domain.accounts.throttle import LOG_INS, RESET_MAILS, Throttle
from ticketing.domain.errors import InvalidFields

ANOTHER = "another horse"
LINK = "https://tickets.example.org/password-reset?token="
INVALID_TOKENS = ["", "nonsense", "WzEsOTk5OTk5OTk5OV0.x", "Wzk4NzY1NCw5OTk5OTk5OTk5XQ.x"]
"""The last two name the accounts 1 and 987654."""


@pytest.fixture
def mailbox():
    return Mailbox()


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
def make(transactions, queries, mailbox):
    """A service with another hasher or another way to run background work."""

    def make(hasher=None, background=at_once, mails=at_once):
        return PasswordResetService(
            transactions,
            queries.accounts,
            Passwords(hasher or FastHasher(), common=frozenset({"letmein!"})),
            Throttle(transactions, RESET_MAILS, b"a third key"),
            SignedResetTokens([b"a key"]),
            mailbox,
            background,
            mails,
        )

    return make


@pytest.fixture
def resets(make):
    return make()


@pytest.fixture(autouse=True)
def maria(accounts):
    return accounts.sign_up("Maria", PASSWORD, "maria@example.org")


@pytest.fixture
def token(resets, mailbox):
    resets.request("maria", LINK, ADDRESS)
    return mailbox.links.pop()[1].removeprefix(LINK)


@pytest.mark.parametrize("name", ["MARIA", "maria@example.org"])
def test_a_request_sends_a_link(resets, mailbox, name):
    resets.request(name, LINK, ADDRESS)

    [(username, link)] = mailbox.links
    assert username == "Maria"
    assert link.startswith(LINK)


@pytest.mark.parametrize("name", ["unknown", "", "\x00", "\ud800", "\u0301\u0316" * 40_000])
def test_an_unknown_name_is_sent_no_mail(resets, mailbox, name):
    resets.request(name, LINK, ADDRESS)

    assert mailbox.links == []


def test_accounts_without_address_or_password_are_sent_no_mail(resets, mailbox, transactions):
    register(transactions, "otto", password_hash="$")
    register(transactions, "r-1", rehearsal="rehearsal-r", email="r@example.org")
    resets.request("otto", LINK, ADDRESS)
    resets.request("r-1", LINK, ADDRESS)

    assert mailbox.links == []


def test_look_up_and_mail_run_in_the_background(make, mailbox):
    later: list[Callable[[], None]] = []
    make(background=lambda work, _: later.append(work)).request("maria", LINK, ADDRESS)
    assert mailbox.links == []

    [work] = later
    work()
    assert len(mailbox.links) == 1


@pytest.fixture
def queued():
    """The quotas of the mails that wait: nothing is sent."""
    return []


@pytest.fixture
def waiting(make, queued):
    return make(mails=lambda _, quotas: queued.append(quotas))


def test_mails_of_an_account_count_together_by_each_of_its_names(waiting, queued, maria):
    for name in ("maria", "maria@example.org"):
        waiting.request(name, LINK, ADDRESS)

    assert [quotas[Quota("account", maria.id)] for quotas in queued] == [3, 3]


def test_mails_for_a_client_address_count_together(waiting, queued, accounts):
    accounts.sign_up("otto", PASSWORD, "otto@example.org")
    for name, address in (("maria", "2001:db8::1"), ("otto", "2001:db8::2"), ("otto", ADDRESS)):
        waiting.request(name, LINK, address)

    network = Quota("client address", "2001:db8::/64")
    assert [quotas.get(network) for quotas in queued] == [20, 20, None]
    assert queued[2][Quota("client address", ADDRESS)] == 20


def test_look_ups_of_a_client_address_count_together(make):
    looked_up = []
    make(background=lambda _, quotas: looked_up.append(quotas)).request("nobody", LINK, ADDRESS)

    assert looked_up == [{Quota("client address", ADDRESS): 20}]


def test_a_mail_that_waits_is_not_counted_yet(waiting, resets, mailbox):
    """Otherwise a stranger's dropped requests would keep the owner's mails back."""
    for _ in range(5):
        waiting.request("maria", LINK, ADDRESS)
    resets.request("maria", LINK, ADDRESS)

    assert len(mailbox.links) == 1


def test_an_account_gets_at_most_three_mails_in_30_minutes(resets, mailbox, clock):
    for _ in range(5):
        resets.request("maria", LINK, ADDRESS)
        resets.request("maria@example.org", LINK, ADDRESS)
    assert len(mailbox.links) == 3

    clock.advance(hours=1)
    resets.request("maria", LINK, ADDRESS)
    assert len(mailbox.links) == 4


@pytest.mark.parametrize("later", [0, 29, 30, 31, 59, 60])
def test_an_account_over_the_limit_still_has_a_valid_link(resets, mailbox, clock, later):
    """Otherwise anyone could lock the owner out."""
    for _ in range(RESET_MAILS.attempts):
        resets.request("maria", LINK, ADDRESS)
    clock.advance(minutes=later)
    resets.request("maria", LINK, ADDRESS)

    resets.confirm(mailbox.links[-1][1].removeprefix(LINK), ANOTHER)


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


def test_using_one_of_two_mails_voids_the_other(resets, token, mailbox, clock):
    clock.advance(minutes=1)
    resets.request("maria", LINK, ADDRESS)
    second = mailbox.links.pop()[1].removeprefix(LINK)
    resets.confirm(second, ANOTHER)

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


def test_the_limit_of_mails_is_per_account(accounts, resets, mailbox):
    accounts.sign_up("otto", PASSWORD, "otto@example.org")
    for _ in range(RESET_MAILS.attempts + 1):
        resets.request("maria", LINK, ADDRESS)
    mailbox.links.clear()

    resets.request("otto", LINK, ADDRESS)

    assert [username for username, _ in mailbox.links] == ["otto"]


def test_an_address_of_maximum_length_gets_a_mail(accounts, resets, mailbox):
    email = f"{'a' * 64}@{'b' * 62}.{'c' * 63}.{'d' * 62}"
    accounts.sign_up("otto", PASSWORD, email)

    resets.request(email, LINK, ADDRESS)

    assert len(mailbox.links) == 1
