"""Sessions and their refresh tokens."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import A_WEEK, CUSTOMER, NOW, a_session
from ticketing.domain.accounts.errors import TokenInvalid, TokenRevoked
from ticketing.domain.accounts.session import REFRESH_RETRY_WINDOW, Session

A_MOMENT = timedelta(microseconds=1)
LATER = NOW + timedelta(days=1)


def renew(session, generation, now=LATER):
    return session.renew(generation, now=now, lifetime=A_WEEK)


def test_a_new_session_is_open_until_it_expires():
    session = Session.open(CUSTOMER, rotates=True, now=NOW, lifetime=A_WEEK)
    assert (session.account_id, session.generation, session.renewed_at) == (CUSTOMER, 1, NOW)
    session.check(NOW + A_WEEK - A_MOMENT, rotates=True)
    with pytest.raises(TokenRevoked):
        session.check(NOW + A_WEEK, rotates=True)


def test_no_two_sessions_have_the_same_id():
    assert len({a_session().id for _ in range(100)}) == 100


def test_each_use_of_a_token_issues_a_successor():
    session = a_session()
    renewed = renew(session, 1)
    assert renewed == replace(session, generation=2, renewed_at=LATER, expires_at=LATER + A_WEEK)
    assert renew(renewed, 2).generation == 3


def test_a_retry_within_30_seconds_gets_the_same_successor():
    renewed = renew(a_session(), 1)
    assert renew(renewed, 1, LATER) is renewed
    assert renew(renewed, 1, LATER + REFRESH_RETRY_WINDOW - A_MOMENT) is renewed


def test_a_later_repeat_ends_the_session():
    at = LATER + REFRESH_RETRY_WINDOW
    assert renew(renew(a_session(), 1), 1, at).revoked_at == at


def test_a_repeat_ends_the_session_once_the_successor_was_used():
    assert renew(renew(renew(a_session(), 1), 2), 1).revoked_at == LATER


@pytest.mark.parametrize("generation", [0, -1, 3])
def test_a_token_that_was_never_issued_ends_the_session(generation):
    assert renew(a_session(generation=2), generation).revoked_at == LATER


@pytest.mark.parametrize("session", [a_session(revoked_at=NOW), a_session(expires_at=LATER)])
@pytest.mark.parametrize("generation", [1, 7])
def test_the_tokens_of_an_ended_session_are_refused(session, generation):
    with pytest.raises(TokenRevoked):
        renew(session, generation)


def test_rotating_and_other_sessions_are_not_interchangeable():
    with pytest.raises(TokenInvalid):
        renew(a_session(rotates=False), 1)
    with pytest.raises(TokenInvalid):
        a_session().check(NOW, rotates=False)


def test_a_session_ends_once():
    revoked = a_session().revoked(NOW)
    assert revoked.revoked_at == NOW
    assert revoked.revoked(LATER) is revoked
