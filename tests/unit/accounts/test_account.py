"""Accounts: names, passwords and roles."""

import pytest

from tests.builders import CUSTOMER, FastHasher, an_account
from ticketing.domain.accounts.account import (
    AccountId,
    Actor,
    Role,
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
