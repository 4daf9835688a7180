"""Accounts: names, passwords, and who may do what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import CUSTOMER, PASSWORD, an_account
from ticketing.domain.accounts.account import (
    MAX_PASSWORD_LENGTH,
    AccountId,
    Actor,
    PasswordRules,
    Role,
    check_sign_up,
    email_fault,
    username_fault,
)
from ticketing.domain.errors import Forbidden, InvalidFields

RULES = PasswordRules(common=frozenset({"password", "letmein!"}))


@pytest.mark.parametrize("username", ["abc", "A.b_c-9", "...", "a" * 150, "123"])
def test_a_good_username(username):
    assert username_fault(username) is None


@pytest.mark.parametrize(
    "username",
    ["", "ab", "a" * 151, "a b", "abc\n", " abc", "a@b.c", "josé", "a\x00b", "\ud8001"],
)
def test_any_other_username_is_refused(username):
    assert username_fault(username)


def test_no_text_about_an_account_holds_its_hash():
    assert "$argon2id$" not in repr(an_account("maria", password_hash="$argon2id$v=19$"))


@given(st.text())
def test_a_username_never_looks_like_an_address(text):
    assert username_fault(text) or email_fault(text)


@pytest.mark.parametrize(
    "email", ["a@b", " maria@example.org ", "ma.ria+tag@sub.example.org", "ñ@bücher.example"]
)
def test_a_good_address(email):
    assert email_fault(email) is None


@pytest.mark.parametrize(
    "email",
    [
        *("", "maria", "@example.org", "maria@", "a@b@c", "a b@c.d", "a@b..c", "a@.b", "a@b."),
        *("a" * 65 + "@b.c", "a@" + "b" * 253, "a@b\x00", "\ud800@b.c", "a@b.c\nBcc: d@e.f"),
    ],
)
def test_any_other_address_is_refused(email):
    assert email_fault(email)


@pytest.mark.parametrize(
    "password", ["eightch.", "x" * MAX_PASSWORD_LENGTH, "a phrase 🐎", "12345678"]
)
def test_a_good_password(password):
    assert RULES.fault(password, "maria") is None


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("seven77", "at least 8"),
        ("x" * (MAX_PASSWORD_LENGTH + 1), "at most 128"),
        ("password", "common"),
        ("LetMeIn!", "common"),
        ("MARIA.CURIE", "username"),
        ("nul\x00-byte", "not allowed"),
        ("lone\ud800surrogate", "not allowed"),
    ],
)
def test_any_other_password_is_refused(password, fault):
    assert fault in str(RULES.fault(password, "Maria.Curie"))


def test_the_rules_for_passwords_can_be_relaxed():
    assert PasswordRules(min_length=6).fault("secret", "maria") is None


def test_every_faulty_field_of_a_sign_up_is_named():
    with pytest.raises(InvalidFields) as refusal:
        check_sign_up("no", "short", "nowhere", RULES)
    assert sorted(refusal.value.facts["errors"]) == ["email", "password", "username"]


def test_an_address_may_be_missing():
    check_sign_up("maria", PASSWORD, None, RULES)


def test_an_account_logs_in_with_its_names_as_they_are_compared():
    assert an_account("Maria").keys == ("maria",)
    assert an_account("Maria", email="M@Straße.org").keys == ("maria", "m@strasse.org")


@pytest.mark.parametrize(
    ("role", "is_staff"), [(Role.CUSTOMER, False), (Role.STAFF, True), (Role.ADMIN, True)]
)
def test_staff_may_do_what_customers_may_not(role, is_staff):
    actor = Actor(CUSTOMER, role)
    actor.require_own(CUSTOMER)
    for require in (actor.require_staff, lambda: actor.require_own(AccountId(CUSTOMER + 1))):
        if is_staff:
            require()
        else:
            with pytest.raises(Forbidden):
                require()


def test_a_few_things_are_for_admins():
    Actor(CUSTOMER, Role.ADMIN).require_admin()
    for role in (Role.STAFF, Role.CUSTOMER):
        with pytest.raises(Forbidden):
            Actor(CUSTOMER, role).require_admin()
