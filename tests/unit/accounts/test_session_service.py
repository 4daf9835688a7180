"""Log in, renew tokens, log out."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from tests.builders import (
    A_WEEK,
    ADDRESS,
    JUST_NOW,
    NOW,
    PASSWORD,
    SESSIONS,
    FastHasher,
    account_service,
    session_service,
)
from tests.contracts.concurrent_calls import all_at_once
from ticketing.domain.accounts.errors import (
    BadCredentials,
    TokenInvalid,
    TokenRevoked,
    TooManyAttempts,
)
from ticketing.domain.accounts.session import MAX_CLOCK_SKEW, SessionId
from ticketing.domain.accounts.throttle import LOG_INS, Throttle
from ticketing.domain.errors import Busy, Overloaded

AT_MOST = 10.0
"""The maximum wait, in seconds."""


@pytest.fixture
def accounts(transactions, queries):
    return account_service(transactions, queries)


@pytest.fixture
def service(transactions, queries):
    return session_service(transactions, queries)


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
def test_log_in_by_username_or_email_address(service, maria, name):
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
        ("unknown", PASSWORD),
        ("", PASSWORD),
        ("maria\x00", PASSWORD),
        ("\ud800", PASSWORD),
    ],
)
def test_all_wrong_credentials_get_the_same_error(service, maria, name, password):
    with pytest.raises(BadCredentials) as refusal:
        service.log_in(name, password, ADDRESS)
    assert refusal.value.detail == BadCredentials.default
    assert refusal.value.facts == {}


class SlowHasher(FastHasher):
    """Calls ``meanwhile`` during each verification."""

    def __init__(self, meanwhile):
        self._meanwhile = meanwhile

    def verify(self, password, password_hash):
        self._meanwhile()
        return super().verify(password, password_hash)


def test_a_password_changed_during_verification_opens_no_session(
    transactions, queries, accounts, maria
):
    hasher = SlowHasher(lambda: accounts.change_password("maria", "another horse"))
    slow = session_service(transactions, queries, hasher=hasher)
    with pytest.raises(BadCredentials):
        slow.log_in("maria", PASSWORD, ADDRESS)


def test_an_unknown_name_takes_as_long_as_a_wrong_password(transactions, queries):
    verified = []
    hasher = SlowHasher(lambda: verified.append("once"))
    slow = session_service(transactions, queries, hasher=hasher)
    with pytest.raises(BadCredentials):
        slow.log_in("unknown", PASSWORD, ADDRESS)
    assert verified == ["once"]


@pytest.fixture
def throttle(transactions):
    return Throttle(transactions, LOG_INS, b"a key")


@pytest.fixture
def throttled(transactions, queries, throttle):
    return session_service(transactions, queries, throttle=throttle)


def guess(service, name, times=1, address=ADDRESS):
    for _ in range(times):
        with pytest.raises(BadCredentials):
            service.log_in(name, "wrong", address)


@pytest.mark.parametrize("name", ["maria", "maria@example.org", "unknown"])
@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_after_ten_attempts_even_the_right_password_is_refused(throttled, maria, name, password):
    guess(throttled, name, 10)
    with pytest.raises(TooManyAttempts) as refusal:
        throttled.log_in(name, password, ADDRESS)
    assert refusal.value.facts == {"retry_after": 900}


def test_attempts_are_accepted_again_after_15_minutes(throttled, maria, clock):
    guess(throttled, "maria", 10)
    clock.advance(minutes=15)
    assert throttled.log_in("maria", PASSWORD, ADDRESS)


def test_attempts_from_another_address_do_not_lock_the_owner_out(throttled, maria):
    guess(throttled, "maria", 10, address="198.51.100.7")
    assert throttled.log_in("maria", PASSWORD, ADDRESS)


def test_a_log_in_clears_failed_attempts(throttled, maria):
    for _ in range(3):
        guess(throttled, "maria", 9)
        assert throttled.log_in("maria", PASSWORD, ADDRESS)


def test_refused_attempts_are_not_verified(transactions, queries, throttle):
    verified = []
    hasher = SlowHasher(lambda: verified.append("once"))
    slow = session_service(transactions, queries, hasher=hasher, throttle=throttle)
    guess(slow, "maria", 10)
    with pytest.raises(TooManyAttempts):
        slow.log_in("maria", PASSWORD, ADDRESS)
    assert len(verified) == 10


def busy(_work):
    raise Busy()


def test_a_right_password_clears_attempts_even_if_the_store_is_busy(queries, throttle, maria):
    stuck = session_service(busy, queries, throttle=throttle)
    for _ in range(20):
        with pytest.raises(Busy):
            stuck.log_in("maria", PASSWORD, ADDRESS)


def test_attempts_that_cannot_be_verified_do_not_count(throttled, queries, monkeypatch):
    monkeypatch.setattr(queries.accounts, "account_named", busy)
    for _ in range(20):
        with pytest.raises(Busy):
            throttled.log_in("maria", "wrong", ADDRESS)


def test_of_many_concurrent_attempts_ten_are_verified(transactions, queries, throttle, maria):
    verified = []
    hasher = SlowHasher(lambda: verified.append("once"))
    slow = session_service(transactions, queries, hasher=hasher, throttle=throttle)
    answers = all_at_once(lambda guess: slow.log_in("maria", f"{guess}", ADDRESS), range(100))
    kinds = Counter(map(type, answers))
    assert kinds[BadCredentials] == len(verified) == 10
    assert kinds[TooManyAttempts] + kinds[Overloaded] == 90


def test_right_passwords_are_never_too_many(transactions, queries, throttle, maria):
    """Those beyond ten at the same time get Overloaded, and succeed when repeated."""
    all_ten = Barrier(11)

    def verifying():
        for _ in ("together", "until the others were refused"):
            all_ten.wait(AT_MOST)

    slow = session_service(transactions, queries, hasher=SlowHasher(verifying), throttle=throttle)
    fast = session_service(transactions, queries, throttle=throttle)
    with ThreadPoolExecutor(10) as pool:
        logging_in = [pool.submit(slow.log_in, "maria", PASSWORD, ADDRESS) for _ in range(10)]
        all_ten.wait(AT_MOST)
        for _ in range(14):
            with pytest.raises(Overloaded):
                fast.log_in("maria", PASSWORD, ADDRESS)
        all_ten.wait(AT_MOST)
    assert all(future.result() for future in logging_in)
    assert all(fast.log_in("maria", PASSWORD, ADDRESS) for _ in range(14))


def test_a_refresh_token_rotates(transactions, service, maria, session, clock):
    clock.advance(days=1)
    renewed = service.renew(maria.id, session.id, 1)
    assert renewed.account == maria
    assert renewed.session.generation == 2
    assert renewed.session.expires_at == clock.now + A_WEEK
    assert kept(transactions, session) == renewed.session
    assert renew(service, session, 2).generation == 3


def test_a_retry_within_30_seconds_gets_the_same_successor(service, session, clock):
    renewed = renew(service, session, 1)
    clock.advance(seconds=29)
    assert renew(service, session, 1) == renewed
    assert renew(service, session, 2).generation == 3


def test_a_later_repeat_ends_the_session_for_good(queries, service, session, clock):
    """The revocation is committed although the repeat is refused."""
    renew(service, session, 1)
    clock.advance(seconds=30)
    for generation in (1, 2, 1):
        with pytest.raises(TokenRevoked):
            renew(service, session, generation)
    assert queries.accounts.revoked_sessions(JUST_NOW) == {session.id}


def test_a_repeat_ends_the_session_once_the_successor_was_used(queries, service, session, clock):
    renew(service, renew(service, session, 1), 2)
    with pytest.raises(TokenRevoked):
        renew(service, session, 1)
    assert queries.accounts.revoked_sessions(JUST_NOW) == {session.id}


def test_reuse_leaves_other_sessions_open(service, maria, session):
    other = service.log_in("maria", PASSWORD, ADDRESS).session
    with pytest.raises(TokenRevoked):
        renew(service, session, 7)
    assert renew(service, other, 1).generation == 2


def test_an_expired_session_is_refused(service, session, clock):
    clock.advance(days=7)
    with pytest.raises(TokenRevoked):
        renew(service, session, 1)


def test_an_unknown_session_is_refused(service, maria, session):
    with pytest.raises(TokenRevoked):
        service.renew(maria.id, "unknown", 1)
    with pytest.raises(TokenRevoked):
        service.renew(maria.id + 1, session.id, 1)


def test_a_token_that_does_not_rotate_can_be_reused(service, maria, clock):
    session = service.log_in("maria", PASSWORD, ADDRESS, rotates=False).session
    for _ in range(3):
        clock.advance(days=2)
        again = service.reuse(maria.id, session.id)
        assert (again.account, again.session.id) == (maria, session.id)
    with pytest.raises(TokenInvalid):
        renew(service, session, 1)
    clock.advance(days=1)
    with pytest.raises(TokenRevoked):
        service.reuse(maria.id, session.id)


def test_a_rotating_token_cannot_be_reused(transactions, service, maria, session):
    with pytest.raises(TokenInvalid):
        service.reuse(maria.id, session.id)
    assert kept(transactions, session) == session


@pytest.mark.parametrize("rotates", [True, False])
def test_a_log_out_ends_the_session(queries, service, maria, clock, rotates):
    session = service.log_in("maria", PASSWORD, ADDRESS, rotates=rotates).session
    use = service.renew if rotates else lambda account, session, _: service.reuse(account, session)
    service.log_out(maria.id, session.id)
    with pytest.raises(TokenRevoked):
        use(maria.id, session.id, 1)
    assert queries.accounts.revoked_sessions(JUST_NOW) == {session.id}


def test_a_second_log_out_changes_nothing(transactions, service, maria, session, clock):
    service.log_out(maria.id, session.id)
    clock.advance(minutes=1)
    service.log_out(maria.id, session.id)
    service.log_out(maria.id, "unknown")
    assert kept(transactions, session).revoked_at == NOW


@pytest.mark.parametrize("ends", ["by a log-out", "by expiry"])
def test_ended_sessions_are_kept_until_their_access_tokens_expire(
    transactions, service, session, clock, ends
):
    other = service.log_in("maria", PASSWORD, ADDRESS).session
    if ends == "by a log-out":
        service.log_out(session.account_id, session.id)
    else:
        clock.advance(days=6)
        other = renew(service, other, 1)
        clock.advance(days=1)
    clock.now += SESSIONS.access_token_lifetime + MAX_CLOCK_SKEW
    service.purge_sessions()
    assert kept(transactions, session) is not None
    clock.advance(seconds=1)
    service.purge_sessions()
    assert kept(transactions, session) is None
    assert kept(transactions, other) == other


def is_open(transactions, session):
    return kept(transactions, session).revoked_at is None


@pytest.fixture
def two(transactions, queries):
    """The service where an account may have two open sessions."""
    return session_service(transactions, queries, policy=replace(SESSIONS, per_account=2))


def test_of_more_sessions_than_the_maximum_the_least_recently_renewed_ends(
    transactions, two, maria, clock
):
    first, second = (two.log_in("maria", PASSWORD, ADDRESS).session for _ in range(2))
    clock.advance(minutes=1)
    renew(two, first, 1)
    clock.advance(minutes=1)
    third = two.log_in("maria", PASSWORD, ADDRESS).session
    assert [is_open(transactions, each) for each in (first, second, third)] == [True, False, True]


def test_of_sessions_opened_at_the_same_instant_the_last_stays_open(transactions, two, maria):
    for _ in range(20):
        assert is_open(transactions, two.log_in("maria", PASSWORD, ADDRESS).session)


def test_ended_sessions_do_not_count(transactions, two, maria):
    opened = [two.log_in("maria", PASSWORD, ADDRESS).session]
    for _ in range(5):
        closed = two.log_in("maria", PASSWORD, ADDRESS).session
        two.log_out(maria.id, closed.id)
    opened.append(two.log_in("maria", PASSWORD, ADDRESS).session)
    assert all(is_open(transactions, each) for each in opened)


def test_the_use_of_a_token_that_does_not_rotate_is_recorded_once_an_hour(
    transactions, service, maria, clock
):
    session = service.log_in("maria", PASSWORD, ADDRESS, rotates=False).session
    clock.advance(minutes=59)
    service.reuse(maria.id, session.id)
    assert kept(transactions, session) == session
    clock.advance(minutes=1)
    used = service.reuse(maria.id, session.id).session
    assert kept(transactions, session) == used == replace(session, renewed_at=clock.now)


@pytest.mark.parametrize("gone", ["purged", "revoked"])
def test_a_session_that_ends_while_its_use_is_recorded_is_refused(
    transactions, queries, service, maria, clock, gone
):
    session = service.log_in("maria", PASSWORD, ADDRESS, rotates=False).session
    clock.advance(hours=1)

    def meanwhile(work):
        if gone == "purged":
            transactions(lambda uow: uow.sessions.purge(NOW + 2 * A_WEEK))
        else:
            service.log_out(maria.id, session.id)
        return transactions(work)

    with pytest.raises(TokenRevoked):
        session_service(meanwhile, queries).reuse(maria.id, session.id)


def test_forty_tills_with_one_account_work_for_a_week(service, maria, clock):
    """Half of them do not rotate; each comes once an hour. A script logs in and never out."""
    opened = [
        service.log_in("maria", PASSWORD, ADDRESS, rotates=till % 2 == 0).session
        for till in range(40)
    ]
    for quarter in range(1, 7 * 24 * 4):
        clock.advance(minutes=15)
        for _ in range(3):
            service.log_in("maria", PASSWORD, ADDRESS)
        for till in range(quarter % 4, 40, 4):
            session = opened[till]
            if session.rotates:
                opened[till] = renew(service, session, session.generation)
            else:
                service.reuse(maria.id, session.id)


def test_excess_sessions_of_an_earlier_release_are_ended(
    transactions, queries, service, two, accounts, maria, clock
):
    accounts.sign_up("otto", PASSWORD)
    for name in ("maria", "maria", "maria", "otto"):
        clock.advance(minutes=1)
        last = service.log_in(name, PASSWORD, ADDRESS).session
    two.end_excess_sessions()
    theirs = queries.accounts.sessions(maria.id, 10)
    assert [session.revoked_at for session in theirs] == [None, None, clock.now]
    assert theirs[2].renewed_at == min(session.renewed_at for session in theirs)
    assert is_open(transactions, last)


def test_excess_sessions_without_access_tokens_are_deleted(
    transactions, service, two, maria, clock
):
    opened = [service.log_in("maria", PASSWORD, ADDRESS).session for _ in range(3)]
    clock.now += SESSIONS.kept_after_end + timedelta(hours=1, seconds=1)
    two.end_excess_sessions()
    left = [kept(transactions, session) for session in opened]
    assert left.count(None) == 1
    assert all(session is None or session.revoked_at is None for session in left)


def test_log_in_by_an_email_address_of_maximum_length(accounts, service):
    email = f"{'a' * 64}@{'b' * 62}.{'c' * 63}.{'d' * 62}"
    account = accounts.sign_up("otto", PASSWORD, email)
    assert service.log_in(email, PASSWORD, ADDRESS).account == account


def test_an_unknown_session_cannot_be_reused(service, maria):
    with pytest.raises(TokenRevoked):
        service.reuse(maria.id, SessionId("unknown"))
