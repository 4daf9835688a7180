"""Sign-up, and changes by operators."""

import pytest

from tests.builders import A_WEEK, ADDRESS, NOW, PASSWORD, FastHasher
from ticketing.domain.accounts.account import PasswordRules, Role
from ticketing.domain.accounts.account_service import AccountService
from ticketing.domain.accounts.errors import (
    AccountNotFound,
    BadCredentials,
    EmailTaken,
    TokenRevoked,
    UsernameTaken,
)
from ticketing.domain.accounts.session_service import SessionService
from ticketing.domain.errors import InvalidFields

RULES = PasswordRules(common=frozenset({"letmein!"}))


@pytest.fixture
def service(transactions, queries):
    return AccountService(transactions, queries.accounts, FastHasher(), RULES)


@pytest.fixture
def sessions(transactions, queries):
    return SessionService(transactions, queries.accounts, FastHasher(), A_WEEK)


@pytest.fixture
def maria(service):
    return service.sign_up("Maria", PASSWORD, "Maria@Example.org")


@pytest.fixture
def session(sessions, maria):
    return sessions.log_in("Maria", PASSWORD, ADDRESS).session


def test_a_new_account_is_a_customer(queries, service):
    maria = service.sign_up("Maria", PASSWORD, " Maria@Example.org ")
    assert (maria.username, maria.email, maria.role) == (
        "Maria",
        "Maria@Example.org",
        Role.CUSTOMER,
    )
    assert maria.created_at == NOW
    assert queries.accounts.account(maria.id) == maria


def test_a_password_is_stored_as_a_hash(maria):
    assert PASSWORD not in maria.password_hash
    assert FastHasher().verify(PASSWORD, maria.password_hash)


def test_names_are_unique_regardless_of_case(service, maria):
    with pytest.raises(UsernameTaken):
        service.sign_up("MARIA", PASSWORD)
    with pytest.raises(EmailTaken):
        service.sign_up("other", PASSWORD, "MARIA@example.ORG")


@pytest.mark.parametrize(
    ("username", "password", "email", "field"),
    [
        ("m", PASSWORD, None, "username"),
        ("maria", "short", None, "password"),
        ("maria", "LetMeIn!", None, "password"),
        ("maria.curie", "Maria.Curie", None, "password"),
        ("maria", PASSWORD, "nowhere", "email"),
        ("maria", PASSWORD, "", "email"),
    ],
)
def test_an_invalid_sign_up_is_refused(queries, service, username, password, email, field):
    with pytest.raises(InvalidFields) as refusal:
        service.sign_up(username, password, email)
    assert list(refusal.value.facts["errors"]) == [field]
    assert queries.accounts.account_named(username) is None


@pytest.mark.parametrize("name", ["maria", "maria@example.org"])
def test_a_change_of_role_ends_all_sessions(queries, service, sessions, session, name, clock):
    other = sessions.log_in("maria", PASSWORD, ADDRESS).session
    changed = service.change_role(name, Role.STAFF)
    assert queries.accounts.account(session.account_id) == changed
    assert changed.role == Role.STAFF
    assert queries.accounts.revoked_sessions(clock.now) == {session.id, other.id}
    with pytest.raises(TokenRevoked):
        sessions.renew(session.account_id, session.id, 1)
    assert sessions.log_in("maria", PASSWORD, ADDRESS).account.role == Role.STAFF


@pytest.mark.parametrize("name", ["MARIA", "maria@example.org"])
def test_a_change_of_password_ends_all_sessions(queries, service, sessions, session, name, clock):
    service.change_password(name, "another horse")
    assert queries.accounts.revoked_sessions(clock.now) == {session.id}
    with pytest.raises(BadCredentials):
        sessions.log_in("maria", PASSWORD, ADDRESS)
    assert sessions.log_in("maria", "another horse", ADDRESS)


@pytest.mark.parametrize("password", ["short", "letmein!", "MARIA.CURIE"])
@pytest.mark.parametrize("name", ["maria.curie", "curie@example.org"])
def test_a_new_password_must_keep_the_rules(service, sessions, name, password):
    service.sign_up("maria.curie", PASSWORD, "curie@example.org")
    with pytest.raises(InvalidFields) as refusal:
        service.change_password(name, password)
    assert list(refusal.value.facts["errors"]) == ["password"]
    assert sessions.log_in(name, PASSWORD, ADDRESS)


def test_an_unknown_account_cannot_be_changed(service):
    with pytest.raises(AccountNotFound):
        service.change_role("nobody", Role.ADMIN)
    with pytest.raises(AccountNotFound):
        service.change_password("nobody", PASSWORD)


def test_an_operator_creates_accounts_with_a_role(service):
    assert service.sign_up("otto", PASSWORD).role is Role.CUSTOMER
    assert service.sign_up("anna", PASSWORD, role=Role.STAFF).role is Role.STAFF


def test_a_password_can_be_checked_before_sign_up(service):
    assert service.password_fault(PASSWORD, "maria") is None
    assert "username" in service.password_fault("mariamaria", "MariaMaria")
