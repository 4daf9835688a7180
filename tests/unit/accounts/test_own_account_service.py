"""Changing the password of an account, and deleting it."""

import pytest

from tests.builders import A_WEEK, ADDRESS, PASSWORD, FastHasher, InterruptedHasher
from ticketing.domain.accounts.account import PasswordRules, Role
from ticketing.domain.accounts.account_service import AccountService
from ticketing.domain.accounts.errors import (
    AccountNotFound,
    BadCredentials,
    TokenRevoked,
    TooManyAttempts,
    WrongPassword,
)
from ticketing.domain.accounts.own_account_service import OwnAccountService
from ticketing.domain.accounts.session_service import SessionService
from ticketing.domain.accounts.throttle import LOG_INS, Throttle
from ticketing.domain.errors import Busy, InvalidFields

ANOTHER = "another horse"
RULES = PasswordRules(common=frozenset({"letmein!"}))


@pytest.fixture
def throttle(transactions):
    return Throttle(transactions, LOG_INS, b"a key")


@pytest.fixture
def accounts(transactions, queries):
    return AccountService(transactions, queries.accounts, FastHasher(), RULES)


@pytest.fixture
def sessions(transactions, queries, throttle):
    return SessionService(transactions, queries.accounts, FastHasher(), A_WEEK, throttle)


@pytest.fixture
def own(transactions, queries, throttle):
    return OwnAccountService(transactions, queries.accounts, FastHasher(), RULES, throttle)


@pytest.fixture
def maria(accounts):
    return accounts.sign_up("Maria", PASSWORD, "maria@example.org")


@pytest.fixture
def session(sessions, maria):
    return sessions.log_in("maria", PASSWORD, ADDRESS).session


def change(own, session, current=PASSWORD, new=ANOTHER):
    own.change_password(session.account_id, current, new, session_id=session.id, address=ADDRESS)


# --- another password


def test_only_the_new_password_is_valid(sessions, own, session):
    change(own, session)

    with pytest.raises(BadCredentials):
        sessions.log_in("maria", PASSWORD, ADDRESS)
    assert sessions.log_in("maria", ANOTHER, ADDRESS)


def test_all_other_sessions_end(sessions, own, queries, session, clock):
    other = sessions.log_in("maria", PASSWORD, ADDRESS).session
    change(own, session)

    assert queries.accounts.revoked_sessions(clock.now) == {other.id}
    assert sessions.renew(session.account_id, session.id, 1).session.generation == 2
    with pytest.raises(TokenRevoked):
        sessions.renew(other.account_id, other.id, 1)


def test_a_wrong_password_changes_nothing(sessions, own, session):
    with pytest.raises(WrongPassword):
        change(own, session, current="wrong")
    assert sessions.log_in("maria", PASSWORD, ADDRESS)


@pytest.mark.parametrize("new", ["short", "LetMeIn!", "x" * 129])
@pytest.mark.parametrize("current", [PASSWORD, "wrong"])
def test_the_new_password_must_keep_the_rules(sessions, own, session, current, new):
    with pytest.raises(InvalidFields) as refusal:
        change(own, session, current, new)
    assert list(refusal.value.facts["errors"]) == ["new_password"]
    assert sessions.log_in("maria", PASSWORD, ADDRESS)


def test_the_new_password_is_not_the_username(accounts, sessions, own):
    maria = accounts.sign_up("maria.curie", PASSWORD)
    session = sessions.log_in("maria.curie", PASSWORD, ADDRESS).session
    with pytest.raises(InvalidFields):
        change(own, session, new="Maria.Curie")
    assert maria.id == session.account_id


def test_wrong_passwords_count_as_failed_log_ins(sessions, own, session):
    for _ in range(5):
        with pytest.raises(WrongPassword):
            change(own, session, current="wrong")
        with pytest.raises(BadCredentials):
            sessions.log_in("maria", "wrong", ADDRESS)
    with pytest.raises(TooManyAttempts):
        change(own, session)
    with pytest.raises(TooManyAttempts):
        sessions.log_in("maria", PASSWORD, ADDRESS)


def test_a_change_clears_failed_attempts(own, session):
    for _ in range(9):
        with pytest.raises(WrongPassword):
            change(own, session, current="wrong")
    change(own, session)
    for _ in range(10):
        with pytest.raises(WrongPassword):
            change(own, session, current="wrong")


def test_a_right_password_clears_attempts_even_if_the_store_is_busy(queries, throttle, session):
    def busy(_work):
        raise Busy()

    stuck = OwnAccountService(busy, queries.accounts, FastHasher(), RULES, throttle)
    for _ in range(20):
        with pytest.raises(Busy):
            change(stuck, session)


def test_of_two_concurrent_changes_the_first_succeeds(
    sessions, own, transactions, queries, throttle, session
):
    hasher = InterruptedHasher(lambda: change(own, session, new="the third horse"))
    slow = OwnAccountService(transactions, queries.accounts, hasher, RULES, throttle)

    with pytest.raises(WrongPassword):
        change(slow, session)
    assert sessions.log_in("maria", "the third horse", ADDRESS)


# --- deletion


def test_a_deleted_account_keeps_no_personal_data(own, queries, maria, session):
    own.delete(maria.id)

    left = queries.accounts.account(maria.id)
    assert "maria" not in repr(left).lower()
    assert maria.password_hash not in repr(left)
    assert (left.id, left.email, left.created_at) == (maria.id, None, maria.created_at)
    assert left.keys == ()
    assert not left.has_password


@pytest.mark.parametrize("name", ["maria", "maria@example.org", "deleted #{id}", "!deleted"])
def test_a_deleted_account_cannot_log_in(sessions, own, maria, name):
    own.delete(maria.id)

    for password in (PASSWORD, "!deleted", ""):
        with pytest.raises(BadCredentials):
            sessions.log_in(name.format(id=maria.id), password, ADDRESS)


def test_a_deleted_account_is_not_staff(accounts, own, queries, maria):
    accounts.change_role("maria", Role.ADMIN)
    own.delete(maria.id)

    assert queries.accounts.account(maria.id).role is Role.CUSTOMER


def test_deletion_revokes_the_sessions(sessions, own, queries, maria, session, clock):
    other = sessions.log_in("maria", PASSWORD, ADDRESS).session
    own.delete(maria.id)

    assert queries.accounts.revoked_sessions(clock.now) == {session.id, other.id}
    with pytest.raises(TokenRevoked):
        sessions.renew(maria.id, session.id, 1)


def test_the_names_of_a_deleted_account_are_free(accounts, sessions, own, maria):
    own.delete(maria.id)
    again = accounts.sign_up("MARIA", PASSWORD, "Maria@Example.org")

    assert again.id != maria.id
    assert sessions.log_in("maria@example.org", PASSWORD, ADDRESS).account == again


def test_an_account_is_deleted_only_once(own, maria):
    own.delete(maria.id)

    with pytest.raises(TokenRevoked):
        own.delete(maria.id)


def test_several_accounts_can_be_deleted(accounts, own, maria):
    otto = accounts.sign_up("otto", PASSWORD)
    own.delete(maria.id)
    own.delete(otto.id)

    assert accounts.sign_up("otto", PASSWORD)


def test_a_password_cannot_be_changed_after_deletion(own, transactions, queries, throttle, session):
    hasher = InterruptedHasher(lambda: own.delete(session.account_id))
    slow = OwnAccountService(transactions, queries.accounts, hasher, RULES, throttle)

    with pytest.raises(WrongPassword):
        change(slow, session)
    assert queries.accounts.account(session.account_id).is_deleted


@pytest.mark.parametrize(
    ("change", "value"), [("change_password", ANOTHER), ("change_role", Role.STAFF)]
)
def test_an_account_cannot_be_changed_during_deletion(
    transactions, queries, own, maria, change, value
):
    """The account is deleted between the look-up and the lock."""

    def interrupted(work):
        def changing(uow):
            find = uow.accounts.find

            def found(name):
                known = find(name)
                uow.accounts.save(known.deleted(uow.now()))
                return known

            uow.accounts.find = found
            return work(uow)

        return transactions(changing)

    operator = AccountService(interrupted, queries.accounts, FastHasher(), RULES)
    with pytest.raises(AccountNotFound):
        getattr(operator, change)("maria", value)
