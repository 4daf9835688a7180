"""Logging in and out, and renewing the tokens."""

from collections import Counter

import pytest

from tests.builders import A_WEEK, ADDRESS, NOW, PASSWORD, FastHasher
from tests.contracts.concurrent_calls import all_at_once
from ticketing.domain.accounts.account import LONGEST_EMAIL, PasswordRules
from ticketing.domain.accounts.account_service import AccountService
from ticketing.domain.accounts.errors import (
    BadCredentials,
    TokenInvalid,
    TokenRevoked,
    TooManyAttempts,
)
from ticketing.domain.accounts.session_service import SessionService
from ticketing.domain.accounts.throttle import LOG_INS, Throttle
from ticketing.domain.errors import Busy


@pytest.fixture
def accounts(transactions, queries):
    return AccountService(transactions, queries.accounts, FastHasher(), PasswordRules())


@pytest.fixture
def service(transactions, queries):
    return SessionService(transactions, queries.accounts, FastHasher(), A_WEEK)


@pytest.fixture
def maria(accounts):
    return accounts.sign_up("Maria", PASSWORD, "Maria@Example.org")


@pytest.fixture
def session(service, maria):
    return service.log_in("Maria", PASSWORD, ADDRESS).session


def renew(service, session, generation):
    return service.renew(session.account_id, session.id, generation).session


def kept(transactions, session):
    return transactions(lambda uow: uow.sessions.lock(session.account_id, session.id))


@pytest.mark.parametrize("name", ["Maria", "maria", "maria@example.org", " MARIA@EXAMPLE.ORG "])
def test_one_logs_in_by_username_or_address(service, maria, name):
    opened = service.log_in(name, PASSWORD, ADDRESS)
    assert opened.account == maria
    assert opened.session.account_id == maria.id
    assert opened.session.rotates
    assert opened.session.expires_at == NOW + A_WEEK


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("maria", "wrong"),
        ("maria", PASSWORD.upper()),
        ("maria", ""),
        ("maria", "\ud800"),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("maria\x00", PASSWORD),
        ("\ud800", PASSWORD),
    ],
)
def test_wrong_credentials_are_refused_alike(service, maria, name, password):
    with pytest.raises(BadCredentials) as refusal:
        service.log_in(name, password, ADDRESS)
    assert refusal.value.detail == BadCredentials.default
    assert refusal.value.facts == {}


class UnhurriedHasher(FastHasher):
    """Something happens while it verifies."""

    def __init__(self, meanwhile):
        self._meanwhile = meanwhile

    def verify(self, password, password_hash):
        self._meanwhile()
        return super().verify(password, password_hash)


def test_a_password_that_is_changed_while_it_is_verified_opens_nothing(
    transactions, queries, accounts, maria
):
    hasher = UnhurriedHasher(lambda: accounts.change_password("maria", "another horse"))
    slow = SessionService(transactions, queries.accounts, hasher, A_WEEK)
    with pytest.raises(BadCredentials):
        slow.log_in("maria", PASSWORD, ADDRESS)


def test_an_unknown_name_takes_as_long(transactions, queries):
    verified = []
    hasher = UnhurriedHasher(lambda: verified.append("once"))
    slow = SessionService(transactions, queries.accounts, hasher, A_WEEK)
    with pytest.raises(BadCredentials):
        slow.log_in("nobody", PASSWORD, ADDRESS)
    assert verified == ["once"]


@pytest.fixture
def throttle(transactions):
    return Throttle(transactions, LOG_INS, b"a key")


@pytest.fixture
def throttled(transactions, queries, throttle):
    return SessionService(transactions, queries.accounts, FastHasher(), A_WEEK, throttle)


def guess(service, name, times=1, address=ADDRESS):
    for _ in range(times):
        with pytest.raises(BadCredentials):
            service.log_in(name, "wrong", address)


@pytest.mark.parametrize("name", ["maria", "maria@example.org", "nobody"])
@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_after_ten_guesses_not_even_the_right_password_counts(throttled, maria, name, password):
    guess(throttled, name, 10)
    with pytest.raises(TooManyAttempts) as refusal:
        throttled.log_in(name, password, ADDRESS)
    assert refusal.value.facts == {"retry_after": 900}


def test_after_a_quarter_of_an_hour_one_may_guess_again(throttled, maria, clock):
    guess(throttled, "maria", 10)
    clock.advance(minutes=15)
    assert throttled.log_in("maria", PASSWORD, ADDRESS)


def test_a_stranger_elsewhere_locks_nobody_out(throttled, maria):
    guess(throttled, "maria", 10, address="198.51.100.7")
    assert throttled.log_in("maria", PASSWORD, ADDRESS)


def test_who_logs_in_may_be_wrong_ten_times_again(throttled, maria):
    for _ in range(3):
        guess(throttled, "maria", 9)
        assert throttled.log_in("maria", PASSWORD, ADDRESS)


def test_who_is_refused_is_not_verified(transactions, queries, throttle):
    verified = []
    hasher = UnhurriedHasher(lambda: verified.append("once"))
    slow = SessionService(transactions, queries.accounts, hasher, A_WEEK, throttle)
    guess(slow, "maria", 10)
    with pytest.raises(TooManyAttempts):
        slow.log_in("maria", PASSWORD, ADDRESS)
    assert len(verified) == 10


def busy(_asked):
    raise Busy()


def test_a_right_password_is_no_guess_though_the_store_is_busy(queries, throttle, maria):
    stuck = SessionService(busy, queries.accounts, FastHasher(), A_WEEK, throttle)
    for _ in range(20):
        with pytest.raises(Busy):
            stuck.log_in("maria", PASSWORD, ADDRESS)


def test_what_could_not_be_verified_is_no_guess(throttled, queries, monkeypatch):
    monkeypatch.setattr(queries.accounts, "account_named", busy)
    for _ in range(20):
        with pytest.raises(Busy):
            throttled.log_in("maria", "wrong", ADDRESS)


def test_a_crowd_of_guesses_at_once_gets_ten_verifications(transactions, queries, throttle, maria):
    verified = []
    hasher = UnhurriedHasher(lambda: verified.append("once"))
    slow = SessionService(transactions, queries.accounts, hasher, A_WEEK, throttle)
    told = all_at_once(lambda guess: slow.log_in("maria", f"{guess}", ADDRESS), range(100))
    assert len(verified) == 10
    assert Counter(map(type, told)) == {BadCredentials: 10, TooManyAttempts: 90}


def test_a_refresh_token_rotates(transactions, service, maria, session, clock):
    clock.advance(days=1)
    renewed = service.renew(maria.id, session.id, 1)
    assert renewed.account == maria
    assert renewed.session.generation == 2
    assert renewed.session.expires_at == clock.now + A_WEEK
    assert kept(transactions, session) == renewed.session
    assert renew(service, session, 2).generation == 3


def test_a_repeat_within_half_a_minute_gets_the_same_successor(service, session, clock):
    renewed = renew(service, session, 1)
    clock.advance(seconds=29)
    assert renew(service, session, 1) == renewed
    assert renew(service, session, 2).generation == 3


def test_a_later_repeat_ends_the_session_for_good(queries, service, session, clock):
    """The revocation is kept though the repeat is refused, and the successor is worthless."""
    renew(service, session, 1)
    clock.advance(seconds=30)
    for generation in (1, 2, 1):
        with pytest.raises(TokenRevoked):
            renew(service, session, generation)
    assert queries.accounts.revoked_sessions(clock.now) == {session.id}


def test_a_repeat_ends_the_session_once_the_successor_was_used(queries, service, session, clock):
    renew(service, renew(service, session, 1), 2)
    with pytest.raises(TokenRevoked):
        renew(service, session, 1)
    assert queries.accounts.revoked_sessions(clock.now) == {session.id}


def test_reuse_leaves_other_sessions_open(service, maria, session):
    other = service.log_in("maria", PASSWORD, ADDRESS).session
    with pytest.raises(TokenRevoked):
        renew(service, session, 7)
    assert renew(service, other, 1).generation == 2


def test_an_expired_session_is_over(service, session, clock):
    clock.advance(days=7)
    with pytest.raises(TokenRevoked):
        renew(service, session, 1)


def test_an_unknown_session_is_over(service, maria, session):
    with pytest.raises(TokenRevoked):
        service.renew(maria.id, "unknown", 1)
    with pytest.raises(TokenRevoked):
        service.renew(maria.id + 1, session.id, 1)


def test_a_session_that_does_not_rotate_is_used_as_often_as_wanted(service, maria, clock):
    session = service.log_in("maria", PASSWORD, ADDRESS, rotates=False).session
    for _ in range(3):
        clock.advance(days=2)
        again = service.reuse(maria.id, session.id)
        assert (again.account, again.session) == (maria, session)
    with pytest.raises(TokenInvalid):
        renew(service, session, 1)
    clock.advance(days=1)
    with pytest.raises(TokenRevoked):
        service.reuse(maria.id, session.id)


def test_a_session_that_rotates_is_not_used_without(transactions, service, maria, session):
    with pytest.raises(TokenInvalid):
        service.reuse(maria.id, session.id)
    assert kept(transactions, session) == session


@pytest.mark.parametrize("rotates", [True, False])
def test_who_logs_out_is_out(queries, service, maria, clock, rotates):
    session = service.log_in("maria", PASSWORD, ADDRESS, rotates=rotates).session
    use = service.renew if rotates else lambda account, session, _: service.reuse(account, session)
    service.log_out(maria.id, session.id)
    with pytest.raises(TokenRevoked):
        use(maria.id, session.id, 1)
    assert queries.accounts.revoked_sessions(clock.now) == {session.id}


def test_logging_out_again_changes_nothing(transactions, service, maria, session, clock):
    service.log_out(maria.id, session.id)
    clock.advance(minutes=1)
    service.log_out(maria.id, session.id)
    service.log_out(maria.id, "unknown")
    assert kept(transactions, session).revoked_at == NOW


def test_logging_in_forgets_sessions_whose_access_tokens_expired(
    transactions, service, session, clock
):
    clock.advance(days=7)
    service.log_in("maria", PASSWORD, ADDRESS)
    assert kept(transactions, session) is not None  # an access token may outlive it

    clock.advance(days=1)
    service.log_in("maria", PASSWORD, ADDRESS)
    assert kept(transactions, session) is None


def test_sessions_that_ended_are_kept_until_no_access_token_lives(
    transactions, service, session, clock
):
    other = service.log_in("maria", PASSWORD, ADDRESS).session
    service.log_out(session.account_id, session.id)
    clock.advance(days=2)
    service.forget_ended_sessions()
    assert kept(transactions, session) is not None
    clock.advance(seconds=1)
    service.forget_ended_sessions()
    assert kept(transactions, session) is None
    assert kept(transactions, other) == other


def test_one_logs_in_by_the_longest_address_there_is(accounts, service):
    email = f"{'a' * 64}@{'b' * (LONGEST_EMAIL - 65)}"
    account = accounts.sign_up("otto", PASSWORD, email)
    assert service.log_in(email, PASSWORD, ADDRESS).account == account
