"""Accounts: names, passwords and roles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import CUSTOMER, FastHasher, an_account
from ticketing.domain.accounts.account import (
    AccountId,
    Actor,
    Role,
    email_fault,
    username_fault,
)
from ticketing.domain.accounts.passwords import MAX_PASSWORD_LENGTH, Passwords
from ticketing.domain.errors import Forbidden

RULES = Passwords(FastHasher(), common=frozenset({"password", "letmein!"}))


@pytest.mark.parametrize("username", ["abc", "A.b_c-9", "...", "a" * 150, "123"])
def test_valid_usernames(username):
    assert username_fault(username) is None


@pytest.mark.parametrize(
    "username",
    ["", "ab", "a" * 151, "a b", "abc\n", " abc", "a@b.c", "josé", "a\x00b", "\ud8001"],
)
def test_invalid_usernames(username):
    assert username_fault(username)


def test_the_repr_of_an_account_hides_its_hash():
    assert "$argon2id$" not in repr(an_account("maria", password_hash="$argon2id$v=19$"))


@given(st.text())
def test_a_username_is_never_an_email_address(text):
    assert username_fault(text) or email_fault(text)


@pytest.mark.parametrize(
    "email", ["a@b", " maria@example.org ", "ma.ria+tag@sub.example.org", "ñ@bücher.example"]
)
def test_valid_email_addresses(email):
    assert email_fault(email) is None


@pytest.mark.parametrize(
    "email",
    [
        *("", "maria", "@example.org", "maria@", "a@b@c", "a b@c.d", "a@b..c", "a@.b", "a@b."),
        *("a" * 65 + "@b.c", "a@" + "b" * 253, "a@b\x00", "\ud800@b.c", "a@b.c\nBcc: d@e.f"),
    ],
)
def test_invalid_email_addresses(email):
    assert email_fault(email)


@pytest.mark.parametrize(
    "password", ["eightch.", "x" * MAX_PASSWORD_LENGTH, "a phrase 🐎", "12345678"]
)
def test_valid_passwords(password):
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
def test_invalid_passwords(password, fault):
    assert fault in str(RULES.fault(password, "Maria.Curie"))


def test_the_rules_for_passwords_can_be_relaxed():
    assert Passwords(FastHasher(), min_length=6).fault("secret", "maria") is None


def test_keys_are_the_names_in_compared_form():
    assert an_account("Maria").keys == ("maria",)
    assert an_account("Maria", email="M@Straße.org").keys == ("maria", "m@strasse.org")


@pytest.mark.parametrize(
    ("role", "is_staff"), [(Role.CUSTOMER, False), (Role.STAFF, True), (Role.ADMIN, True)]
)
def test_require_staff(role, is_staff):
    actor = Actor(CUSTOMER, role)
    actor.require_own(CUSTOMER)
    for require in (actor.require_staff, lambda: actor.require_own(AccountId(CUSTOMER + 1))):
        if is_staff:
            require()
        else:
            with pytest.raises(Forbidden):
                require()


def test_require_admin():
    Actor(CUSTOMER, Role.ADMIN).require_admin()
    for role in (Role.STAFF, Role.CUSTOMER):
        with pytest.raises(Forbidden):
            Actor(CUSTOMER, role).require_admin()
