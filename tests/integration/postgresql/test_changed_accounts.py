"""An account or a session that changes while it is used."""

import pytest

from tests.builders import PASSWORD
from tests.contracts.stage import Stage
from tests.integration.postgresql.person import COMMIT
from ticketing.domain.account import Role
from ticketing.domain.errors import BadCredentials, TokenRevoked

ANOTHER = "another horse"


class TestSessions(Stage):
    @pytest.fixture
    def owner(self, person):
        return person("owner")

    @pytest.fixture
    def maria(self, owner):
        return owner.accounts.sign_up("maria", PASSWORD)

    def test_a_refresh_under_way_does_not_open_a_session_again(self, person, owner, maria):
        session = owner.accounts.log_in("maria", PASSWORD).session
        thief = person("thief")
        refresh = thief.accounts.renew, maria.id, session.id, 1
        thief.does(*refresh, stopping_before="UPDATE sessions")
        owner.does(owner.accounts.log_out, maria.id, session.id)
        assert thief.goes_on().session.generation == 2
        assert owner.is_told() is None
        with pytest.raises(TokenRevoked):
            owner.accounts.renew(maria.id, session.id, 2)

    def test_another_password_ends_the_session_that_is_being_opened(self, person, owner, maria):
        thief = person("thief")
        log_in = thief.accounts.log_in, "maria", PASSWORD
        thief.does(*log_in, stopping_before="INSERT INTO sessions")
        owner.does(owner.accounts.change_password, "maria", ANOTHER)
        session = thief.goes_on().session
        owner.is_told()
        with pytest.raises(TokenRevoked):
            thief.accounts.renew(maria.id, session.id, 1)

    def test_nobody_logs_in_by_a_password_that_is_being_changed(self, person, owner, maria):
        thief = person("thief")
        change = owner.accounts.change_password, "maria", ANOTHER
        owner.does(*change, stopping_before=COMMIT)
        thief.does(thief.accounts.log_in, "maria", PASSWORD)
        owner.goes_on()
        assert isinstance(thief.is_told(), BadCredentials)

    def test_of_two_changes_of_an_account_both_are_kept(self, queries, person, owner, maria):
        staff = person("staff")
        change = owner.accounts.change_password, "maria", ANOTHER
        owner.does(*change, stopping_before="UPDATE accounts")
        staff.does(staff.accounts.change_role, "maria", Role.STAFF)
        owner.goes_on()
        staff.is_told()
        kept = queries.account(maria.id)
        assert kept.role is Role.STAFF
        assert kept.password_hash != maria.password_hash
