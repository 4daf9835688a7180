"""Sign-up, changes by operators and owners, and deletion."""

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
    register,
    session_service,
)
from ticketing.adapters.email_addresses import NAME_KEYS
from ticketing.domain.accounts.account import Role
from ticketing.domain.accounts.errors import (
    AccountNotFound,
    BadCredentials,
    EmailTaken,
    TokenRevoked,
    TooManyAttempts,
    UsernameTaken,
    WrongPassword,
)
from ticketing.domain.accounts.throttle import LOG_INS, Throttle
from ticketing.domain.errors import Busy, InvalidFields

ANOTHER = "another horse"


@pytest.fixture
def throttle(transactions):
    return Throttle(transactions, LOG_INS, b"a key")


@pytest.fixture
def service(transactions, queries, throttle):
    return account_service(transactions, queries, throttle=throttle)


@pytest.fixture
def sessions(transactions, queries, throttle):
    return session_service(transactions, queries, throttle=throttle)


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


def test_one_mailbox_signs_up_once_however_it_is_written(service):
    signed_up = service.sign_up("one", PASSWORD, " X@例え.jp ")
    assert signed_up.email == "X@例え.jp"
    for address in ("X@例え.jp", "x@xn--r8jz45g.jp", "x@例え。jp"):
        with pytest.raises(EmailTaken):
            service.sign_up("two", PASSWORD, address)


def test_two_domains_sign_up_twice(service, sessions):
    addresses = ["alice@faß.example", "alice@fass.example"]
    accounts = [service.sign_up(f"a-{n}", PASSWORD, address) for n, address in enumerate(addresses)]
    for account, address in zip(accounts, addresses, strict=True):
        assert sessions.log_in(address, PASSWORD, ADDRESS).account == account


def test_an_account_with_an_address_that_is_no_longer_valid_is_in_nobodys_way(
    service, sessions, transactions
):
    """Its earlier key is that of another mailbox."""
    password_hash = FastHasher().hash(PASSWORD)
    old = register(transactions, "old", email="straße@b.de", password_hash=password_hash)
    assert sessions.log_in("STRASSE@b.de", PASSWORD, ADDRESS).account.id == old
    new = service.sign_up("new", PASSWORD, "strasse@b.de")
    assert sessions.log_in("STRASSE@b.de", PASSWORD, ADDRESS).account == new
    assert sessions.log_in("straße@b.de", PASSWORD, ADDRESS).account.id == old


@pytest.mark.parametrize("name", ["maria", "maria@example.org"])
def test_a_change_of_role_ends_all_sessions(queries, service, sessions, session, name, clock):
    other = sessions.log_in("maria", PASSWORD, ADDRESS).session
    changed = service.change_role(name, Role.STAFF)
    assert queries.accounts.account(session.account_id) == changed
    assert changed.role == Role.STAFF
    assert queries.accounts.revoked_sessions(JUST_NOW) == {session.id, other.id}
    with pytest.raises(TokenRevoked):
        sessions.renew(session.account_id, session.id, 1)
    assert sessions.log_in("maria", PASSWORD, ADDRESS).account.role == Role.STAFF


@pytest.mark.parametrize("name", ["MARIA", "maria@example.org"])
def test_a_change_of_password_ends_all_sessions(queries, service, sessions, session, name, clock):
    service.change_password(name, "another horse")
    assert queries.accounts.revoked_sessions(JUST_NOW) == {session.id}
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
        service.change_role("unknown", Role.ADMIN)
    with pytest.raises(AccountNotFound):
        service.change_password("unknown", PASSWORD)


def test_an_operator_creates_accounts_with_a_role(service):
    assert service.sign_up("otto", PASSWORD).role is Role.CUSTOMER
    assert service.sign_up("anna", PASSWORD, role=Role.STAFF).role is Role.STAFF


def test_all_invalid_fields_of_a_sign_up_are_reported(service):
    with pytest.raises(InvalidFields) as refusal:
        service.sign_up("no", "short", "nowhere")
    assert sorted(refusal.value.facts["errors"]) == ["email", "password", "username"]


def change(service, session, current=PASSWORD, new=ANOTHER):
    service.change_own_password(
        session.account_id, current, new, session_id=session.id, address=ADDRESS
    )


def test_only_the_new_password_is_valid(sessions, service, session):
    change(service, session)

    with pytest.raises(BadCredentials):
        sessions.log_in("maria", PASSWORD, ADDRESS)
    assert sessions.log_in("maria", ANOTHER, ADDRESS)


def test_all_other_sessions_end(sessions, service, queries, session, clock):
    other = sessions.log_in("maria", PASSWORD, ADDRESS).session
    change(service, session)

    assert queries.accounts.revoked_sessions(JUST_NOW) == {other.id}
    assert sessions.renew(session.account_id, session.id, 1).session.generation == 2
    with pytest.raises(TokenRevoked):
        sessions.renew(other.account_id, other.id, 1)


def test_a_wrong_password_changes_nothing(sessions, service, session):
    with pytest.raises(WrongPassword):
        change(service, session, current="wrong")
    assert sessions.log_in("maria", PASSWORD, ADDRESS)


@pytest.mark.parametrize("new", ["short", "LetMeIn!", "x" * 129])
@pytest.mark.parametrize("current", [PASSWORD, "wrong"])
def test_the_new_password_must_keep_the_rules(sessions, service, session, current, new):
    with pytest.raises(InvalidFields) as refusal:
        change(service, session, current, new)
    assert list(refusal.value.facts["errors"]) == ["new_password"]
    assert sessions.log_in("maria", PASSWORD, ADDRESS)


def test_the_new_password_is_not_the_username(service, sessions):
    maria = service.sign_up("maria.curie", PASSWORD)
    session = sessions.log_in("maria.curie", PASSWORD, ADDRESS).session
    with pytest.raises(InvalidFields):
        change(service, session, new="Maria.Curie")
    assert maria.id == session.account_id


def test_wrong_passwords_count_as_failed_log_ins(sessions, service, session):
    for _ in range(5):
        with pytest.raises(WrongPassword):
            change(service, session, current="wrong")
        with pytest.raises(BadCredentials):
            sessions.log_in("maria", "wrong", ADDRESS)
    with pytest.raises(TooManyAttempts):
        change(service, session)
    with pytest.raises(TooManyAttempts):
        sessions.log_in("maria", PASSWORD, ADDRESS)


def test_a_change_clears_failed_attempts(service, session):
    for _ in range(9):
        with pytest.raises(WrongPassword):
            change(service, session, current="wrong")
    change(service, session)
    for _ in range(10):
        with pytest.raises(WrongPassword):
            change(service, session, current="wrong")


def test_a_right_password_clears_attempts_even_if_the_store_is_busy(queries, throttle, session):
    def busy(_work):
        raise Busy()

    stuck = account_service(busy, queries, throttle=throttle)
    for _ in range(20):
        with pytest.raises(Busy):
            change(stuck, session)


def test_of_two_concurrent_changes_the_first_succeeds(
    sessions, service, transactions, queries, throttle, session
):
    hasher = InterruptedHasher(lambda: change(service, session, new="the third horse"))
    slow = account_service(transactions, queries, hasher=hasher, throttle=throttle)

    with pytest.raises(WrongPassword):
        change(slow, session)
    assert sessions.log_in("maria", "the third horse", ADDRESS)


def test_a_deleted_account_keeps_no_personal_data(service, queries, maria, session):
    service.delete(maria.id)

    left = queries.accounts.account(maria.id)
    assert "maria" not in repr(left).lower()
    assert maria.password_hash not in repr(left)
    assert (left.id, left.email, left.created_at) == (maria.id, None, maria.created_at)
    assert NAME_KEYS.of_account(left) == []
    assert not left.has_password


def test_what_does_not_outlive_an_account_ends_first(queries, service, maria):
    found = []

    def before(account_id):
        found.append(queries.accounts.account(account_id).is_deleted)

    replace(service, before_deletion=before).delete(maria.id)
    assert found == [False]


@pytest.mark.parametrize("name", ["maria", "maria@example.org", "deleted #{id}", "!deleted"])
def test_a_deleted_account_cannot_log_in(sessions, service, maria, name):
    service.delete(maria.id)

    for password in (PASSWORD, "!deleted", ""):
        with pytest.raises(BadCredentials):
            sessions.log_in(name.format(id=maria.id), password, ADDRESS)


def test_a_deleted_account_is_not_staff(service, queries, maria):
    service.change_role("maria", Role.ADMIN)
    service.delete(maria.id)

    assert queries.accounts.account(maria.id).role is Role.CUSTOMER


def test_deletion_revokes_the_sessions(sessions, service, queries, maria, session, clock):
    other = sessions.log_in("maria", PASSWORD, ADDRESS).session
    service.delete(maria.id)

    assert queries.accounts.revoked_sessions(JUST_NOW) == {session.id, other.id}
    with pytest.raises(TokenRevoked):
        sessions.renew(maria.id, session.id, 1)


def test_the_names_of_a_deleted_account_are_free(service, sessions, maria):
    service.delete(maria.id)
    again = service.sign_up("MARIA", PASSWORD, "Maria@Example.org")

    assert again.id != maria.id
    assert sessions.log_in("maria@example.org", PASSWORD, ADDRESS).account == again


def test_an_account_is_deleted_only_once(service, maria):
    service.delete(maria.id)

    with pytest.raises(TokenRevoked):
        service.delete(maria.id)


def test_several_accounts_can_be_deleted(service, maria):
    otto = service.sign_up("otto", PASSWORD)
    service.delete(maria.id)
    service.delete(otto.id)

    assert service.sign_up("otto", PASSWORD)


def test_a_password_cannot_be_changed_after_deletion(
    service, transactions, queries, throttle, session
):
    hasher = InterruptedHasher(lambda: service.delete(session.account_id))
    slow = account_service(transactions, queries, hasher=hasher, throttle=throttle)

    with pytest.raises(WrongPassword):
        change(slow, session)
    assert queries.accounts.account(session.account_id).is_deleted


@pytest.mark.parametrize(
    ("change", "value"), [("change_password", ANOTHER), ("change_role", Role.STAFF)]
)
def test_an_account_cannot_be_changed_during_deletion(
    transactions, queries, service, maria, change, value
):
    """The account is deleted between the look-up and the lock."""

    def interrupted(work):
        def changing(uow):
            uow.accounts.save(uow.accounts.get(maria.id).deleted(uow.now()))
            return work(uow)

        return transactions(changing)

    operator = account_service(interrupted, queries)
    with pytest.raises(AccountNotFound):
        getattr(operator, change)("maria", value)
