"""Refresh tokens used by their owner, who may lose responses, and by a thief."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.builders import A_WEEK, NOW, a_session
from ticketing.domain.accounts.errors import TokenRevoked
from ticketing.domain.accounts.session import REFRESH_RETRY_WINDOW

SOON = timedelta(seconds=5)


class TwoHands(RuleBasedStateMachine):
    """Owner and thief hold tokens of some generation; the thief copied one."""

    def __init__(self):
        super().__init__()
        self.session = a_session()
        self.now = NOW
        self.owners = 1
        self.thiefs = None
        self.used = set()  # generations whose token was used at least once

    @property
    def is_open(self):
        return self.session.revoked_at is None and self.now < self.session.expires_at

    def use(self, generation):
        """Return the generation of the new token, or None."""
        if not self.is_open:
            with pytest.raises(TokenRevoked):
                self.session.renew(generation, now=self.now, lifetime=A_WEEK)
            return None
        self.session = self.session.renew(generation, now=self.now, lifetime=A_WEEK)
        self.used.add(generation)
        return self.session.generation if self.is_open else None

    @rule(is_lost=st.booleans())
    def the_owner_renews(self, is_lost):
        answer = self.use(self.owners)
        if answer and not is_lost:
            self.owners = answer

    @rule()
    def the_thief_copies_a_token(self):
        self.thiefs = self.owners

    @precondition(lambda self: self.thiefs is not None)
    @rule()
    def the_thief_renews(self):
        self.thiefs = self.use(self.thiefs) or self.thiefs

    @rule(by=st.sampled_from([SOON, REFRESH_RETRY_WINDOW, timedelta(days=1), A_WEEK]))
    def time_passes(self, by):
        self.now += by

    @rule()
    def the_owner_logs_out(self):
        self.session = self.session.revoked(self.now)

    @invariant()
    def a_token_is_good_only_until_its_successor_is_used(self):
        if self.is_open and self.session.generation > 2:
            overtaken = self.session.generation - 2
            after = self.session.renew(overtaken, now=self.now, lifetime=A_WEEK)
            assert after.revoked_at == self.now

    @invariant()
    def only_the_last_two_tokens_were_ever_of_use(self):
        assert self.used <= set(range(1, self.session.generation + 1))
        if self.session.revoked_at is None:
            assert self.session.generation - 1 in {0, *self.used}

    @invariant()
    def it_never_outlives_a_week_without_use(self):
        assert self.session.expires_at <= self.session.renewed_at + A_WEEK


TestTwoHands = TwoHands.TestCase
TestTwoHands.settings = settings(max_examples=50, stateful_step_count=20)


def test_owner_and_thief_cannot_both_continue():
    """The second use of a token reveals the copy."""
    stolen = a_session()
    by_thief = stolen.renew(1, now=NOW, lifetime=A_WEEK)
    by_thief = by_thief.renew(2, now=NOW, lifetime=A_WEEK)
    assert by_thief.renew(1, now=NOW + SOON, lifetime=A_WEEK).revoked_at == NOW + SOON
