"""Signing up, logging in and out."""

import pytest

from tests.builders import A_WEEK, NOW, PASSWORD, FastHasher
from ticketing.domain.account import PasswordRules, Role
from ticketing.domain.account_service import AccountService
from ticketing.domain.errors import (
    AccountNotFound,
    BadCredentials,
    EmailTaken,
    InvalidFields,
    TokenInvalid,
    TokenRevoked,
    UsernameTaken,
)

RULES = PasswordRules(common=frozenset({"letmein!"}))


@pytest.fixture
def service(transactions, queries):
    return AccountService(transactions, queries, FastHasher(), RULES, A_WEEK)


@pytest.fixture
def maria(service):
    return service.sign_up("Maria", PASSWORD, "Maria@Example.org")


@pytest.fixture
def session(service, maria):
    return service.log_in("Maria", PASSWORD).session


def renew(service, session, generation):
    return service.renew(session.account_id, session.id, generation).session


def kept(transactions, session):
    return transactions(lambda uow: uow.sessions.lock(session.account_id, session.id))


def test_who_signs_up_is_a_customer(queries, service):
    maria = service.sign_up("Maria", PASSWORD, " Maria@Example.org ")
    assert (maria.username, maria.email, maria.role) == (
        "Maria",
        "Maria@Example.org",
        Role.CUSTOMER,
    )
    assert maria.created_at == NOW
    assert queries.account(maria.id) == maria


def test_a_password_is_kept_as_a_hash(maria):
    assert PASSWORD not in maria.password_hash
    assert FastHasher().verify(PASSWORD, maria.password_hash)


def test_names_are_taken_without_regard_to_case(service, maria):
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
def test_a_faulty_sign_up_is_refused(queries, service, username, password, email, field):
    with pytest.raises(InvalidFields) as refusal:
        service.sign_up(username, password, email)
    assert list(refusal.value.facts["errors"]) == [field]
    assert queries.account_named(username) is None


@pytest.mark.parametrize("name", ["Maria", "maria", "maria@example.org", " MARIA@EXAMPLE.ORG "])
def test_one_logs_in_by_username_or_address(service, maria, name):
    opened = service.log_in(name, PASSWORD)
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
        service.log_in(name, password)
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
    transactions, queries, service, maria
):
    hasher = UnhurriedHasher(lambda: service.change_password("maria", "another horse"))
    slow = AccountService(transactions, queries, hasher, RULES, A_WEEK)
    with pytest.raises(BadCredentials):
        slow.log_in("maria", PASSWORD)


def test_an_unknown_name_takes_as_long(transactions, queries):
    verified = []
    hasher = UnhurriedHasher(lambda: verified.append("once"))
    slow = AccountService(transactions, queries, hasher, RULES, A_WEEK)
    with pytest.raises(BadCredentials):
        slow.log_in("nobody", PASSWORD)
    assert verified == ["once"]


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
    assert queries.revoked_sessions(clock.now) == {session.id}


def test_a_repeat_ends_the_session_once_the_successor_was_used(queries, service, session, clock):
    renew(service, renew(service, session, 1), 2)
    with pytest.raises(TokenRevoked):
        renew(service, session, 1)
    assert queries.revoked_sessions(clock.now) == {session.id}


def test_reuse_leaves_other_sessions_open(service, maria, session):
    other = service.log_in("maria", PASSWORD).session
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
    session = service.log_in("maria", PASSWORD, rotates=False).session
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
    session = service.log_in("maria", PASSWORD, rotates=rotates).session
    use = service.renew if rotates else lambda account, session, _: service.reuse(account, session)
    service.log_out(maria.id, session.id)
    with pytest.raises(TokenRevoked):
        use(maria.id, session.id, 1)
    assert queries.revoked_sessions(clock.now) == {session.id}


def test_logging_out_again_changes_nothing(transactions, service, maria, session, clock):
    service.log_out(maria.id, session.id)
    clock.advance(minutes=1)
    service.log_out(maria.id, session.id)
    service.log_out(maria.id, "unknown")
    assert kept(transactions, session).revoked_at == NOW


@pytest.mark.parametrize("name", ["maria", "maria@example.org"])
def test_another_role_ends_all_sessions(queries, service, session, name, clock):
    other = service.log_in("maria", PASSWORD).session
    changed = service.change_role(name, Role.STAFF)
    assert queries.account(session.account_id) == changed
    assert changed.role == Role.STAFF
    assert queries.revoked_sessions(clock.now) == {session.id, other.id}
    with pytest.raises(TokenRevoked):
        renew(service, session, 1)
    assert service.log_in("maria", PASSWORD).account.role == Role.STAFF


@pytest.mark.parametrize("name", ["MARIA", "maria@example.org"])
def test_another_password_ends_all_sessions(queries, service, session, name, clock):
    service.change_password(name, "another horse")
    assert queries.revoked_sessions(clock.now) == {session.id}
    with pytest.raises(BadCredentials):
        service.log_in("maria", PASSWORD)
    assert service.log_in("maria", "another horse")


@pytest.mark.parametrize("password", ["short", "letmein!", "MARIA.CURIE"])
@pytest.mark.parametrize("name", ["maria.curie", "curie@example.org"])
def test_a_new_password_keeps_the_rules(service, name, password):
    service.sign_up("maria.curie", PASSWORD, "curie@example.org")
    with pytest.raises(InvalidFields) as refusal:
        service.change_password(name, password)
    assert list(refusal.value.facts["errors"]) == ["password"]
    assert service.log_in(name, PASSWORD)


def test_nobody_is_not_changed(service):
    with pytest.raises(AccountNotFound):
        service.change_role("nobody", Role.ADMIN)
    with pytest.raises(AccountNotFound):
        service.change_password("nobody", PASSWORD)


def test_logging_in_forgets_sessions_whose_access_tokens_expired(
    transactions, service, session, clock
):
    clock.advance(days=7)
    service.log_in("maria", PASSWORD)
    assert kept(transactions, session) is not None  # an access token may outlive it

    clock.advance(days=1)
    service.log_in("maria", PASSWORD)
    assert kept(transactions, session) is None
