"""Signed tokens for password reset links."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from tests.builders import NOW, an_account
from ticketing.adapters.reset_tokens import SignedResetTokens
from ticketing.domain.accounts.account import AccountId, Role
from ticketing.domain.accounts.errors import ResetTokenInvalid

MARIA = an_account(id=7, password_hash="$argon2id$v=19$x")
TOKENS = SignedResetTokens([b"a key"])
TOKEN = TOKENS.issue(MARIA, NOW)


def forged(payload):
    return URLSafeSerializer(b"another key").dumps(payload)


def is_valid(token=TOKEN, account=MARIA, now=NOW, tokens=TOKENS):
    try:
        tokens.owner(token)
        tokens.check(token, account, now)
    except ResetTokenInvalid:
        return False
    return True


def test_a_token_is_valid_for_its_account():
    assert TOKENS.owner(TOKEN) == MARIA.id
    assert is_valid()


def test_a_token_is_safe_in_a_url():
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", TOKEN)


def test_a_token_is_valid_for_30_minutes():
    assert is_valid(now=NOW + timedelta(minutes=29, seconds=59))
    assert not is_valid(now=NOW + timedelta(minutes=30))


def test_only_a_change_of_the_password_voids_it():
    assert not is_valid(account=replace(MARIA, password_hash="$argon2id$v=19$y"))
    assert is_valid(account=replace(MARIA, role=Role.STAFF, email="other@example.org"))


def test_it_is_not_valid_for_another_account():
    assert not is_valid(account=replace(MARIA, id=AccountId(8)))


def test_its_expiry_cannot_be_changed():
    _, signature = TOKEN.split(".")
    later, _ = TOKENS.issue(MARIA, NOW + timedelta(hours=1)).split(".")
    assert not is_valid(f"{later}.{signature}")


def test_an_old_key_still_verifies_but_does_not_sign():
    rotated = SignedResetTokens([b"a new key", b"a key"])
    assert is_valid(tokens=rotated)
    assert not is_valid(rotated.issue(MARIA, NOW))
    assert is_valid(rotated.issue(MARIA, NOW), tokens=rotated)


@pytest.mark.parametrize(
    "token",
    [
        *("", ".", "..", "7", "7.8", "WzddLg.x", "\ud800", "\u0667.x", TOKEN[:-1]),
        *(f" {TOKEN}", "." * 201, TOKEN * 100),
        *map(forged, (None, 7, "7", [], [7], [7, 8, 9], ["7", 8], [7.0, 8], {"7": 8}, [7, 8])),
    ],
)
def test_anything_else_is_refused(token):
    assert not is_valid(token)


@given(st.text())
def test_no_text_raises_another_error(text):
    assert not is_valid(text)
