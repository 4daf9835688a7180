"""What a mail to somebody who forgot their password carries."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, an_account
from ticketing.domain.accounts.account import AccountId, Role
from ticketing.domain.accounts.errors import ResetTokenInvalid
from ticketing.domain.accounts.reset_token import LIFETIME, ResetTokens

MARIA = an_account(id=7, password_hash="$argon2id$v=19$x")
TOKENS = ResetTokens([b"a key"])
TOKEN = TOKENS.issue(MARIA, NOW)


def is_good(token=TOKEN, account=MARIA, now=NOW, tokens=TOKENS):
    try:
        tokens.check(token, account, now)
    except ResetTokenInvalid:
        return False
    return True


def test_a_token_is_good_for_its_account():
    assert TOKENS.owner(TOKEN) == MARIA.id
    assert is_good()


def test_a_token_may_stand_in_a_url():
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[A-Za-z0-9_-]{43}", TOKEN)


def test_a_token_lives_for_half_an_hour():
    assert is_good(now=NOW + LIFETIME - timedelta(seconds=1))
    assert not is_good(now=NOW + LIFETIME)
    assert timedelta(minutes=30) == LIFETIME


def test_another_password_voids_it_and_nothing_else_does():
    assert not is_good(account=replace(MARIA, password_hash="$argon2id$v=19$y"))
    assert is_good(account=replace(MARIA, role=Role.STAFF, email="other@example.org"))


def test_it_is_nobody_elses():
    otto = replace(MARIA, id=AccountId(8))
    assert not is_good(account=otto)
    assert not is_good(TOKEN.replace("7.", "8.", 1), account=otto)


def test_who_has_no_password_gets_none():
    for account in (MARIA.deleted(NOW), replace(MARIA, rehearsal="rehearsal-x")):
        assert not is_good(TOKENS.issue(account, NOW), account)


def test_its_end_cannot_be_put_off():
    account_id, expires_at, signature = TOKEN.split(".")
    assert not is_good(f"{account_id}.{int(expires_at) + 1}.{signature}")


def test_an_older_key_verifies_and_signs_no_more():
    rotated = ResetTokens([b"a new key", b"a key"])
    assert is_good(tokens=rotated)
    assert not is_good(rotated.issue(MARIA, NOW))
    assert is_good(rotated.issue(MARIA, NOW), tokens=rotated)


@pytest.mark.parametrize(
    "token",
    [
        *("", ".", "..", "...", "7", "7.8", "x.y.z", "7.x.y", "-7.1.x", "+7.1.x", " 7.1.x"),
        *("\u0667.1.x", "7.1.\ud800", "7.1.x.y", f"7.{'9' * 200}.x", f"{'9' * 100}.1.x"),
        *(f"{2**63}.1.x", TOKEN[:-1], TOKEN + "=", TOKEN + "\n", " " + TOKEN),
    ],
)
def test_anything_else_is_refused(token):
    assert not is_good(token)


@given(st.text())
def test_no_text_breaks_it(text):
    assert not is_good(text)


def test_its_owner_is_somebody_whom_a_store_can_look_up():
    assert TOKENS.owner(f"{2**63 - 1}.1.x") == 2**63 - 1
    with pytest.raises(ResetTokenInvalid):
        TOKENS.owner(f"{2**63}.1.x")
