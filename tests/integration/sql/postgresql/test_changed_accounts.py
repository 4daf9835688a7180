"""An account or a session that changes while it is used."""

import pytest

from tests.builders import ADDRESS, PASSWORD
from tests.contracts.stage import Stage
from tests.integration.sql.postgresql.person import COMMIT
from ticketing.domain.accounts.account import Role
from ticketing.domain.accounts.errors import (
    AccountNotFound,
    BadCredentials,
    ResetTokenInvalid,
    TokenRevoked,
    TooManyAttempts,
    UsernameTaken,
    WrongPassword,
)

ANOTHER = "another horse"


class TestSessions(Stage):
    @pytest.fixture
    def owner(self, person):
        return person("owner")

    @pytest.fixture
    def maria(self, owner):
        return owner.accounts.sign_up("maria", PASSWORD)

    def test_a_refresh_under_way_does_not_open_a_session_again(self, person, owner, maria):
        session = owner.sessions.log_in("maria", PASSWORD, ADDRESS).session
        thief = person("thief")
        refresh = thief.sessions.renew, maria.id, session.id, 1
        thief.does(*refresh, stopping_before="UPDATE sessions")
        owner.does(owner.sessions.log_out, maria.id, session.id)
        assert thief.goes_on().session.generation == 2
        assert owner.is_told() is None
        with pytest.raises(TokenRevoked):
            owner.sessions.renew(maria.id, session.id, 2)

    def test_another_password_ends_the_session_that_is_being_opened(self, person, owner, maria):
        thief = person("thief")
        log_in = thief.sessions.log_in, "maria", PASSWORD, ADDRESS
        thief.does(*log_in, stopping_before="INSERT INTO sessions")
        owner.does(owner.accounts.change_password, "maria", ANOTHER)
        session = thief.goes_on().session
        owner.is_told()
        with pytest.raises(TokenRevoked):
            thief.sessions.renew(maria.id, session.id, 1)

    def test_nobody_logs_in_by_a_password_that_is_being_changed(self, person, owner, maria):
        thief = person("thief")
        change = owner.accounts.change_password, "maria", ANOTHER
        owner.does(*change, stopping_before=COMMIT)
        thief.does(thief.sessions.log_in, "maria", PASSWORD, ADDRESS)
        owner.goes_on()
        assert isinstance(thief.is_told(), BadCredentials)

    def test_of_two_changes_of_an_account_both_are_kept(self, queries, person, owner, maria):
        staff = person("staff")
        change = owner.accounts.change_password, "maria", ANOTHER
        owner.does(*change, stopping_before="UPDATE accounts")
        staff.does(staff.accounts.change_role, "maria", Role.STAFF)
        owner.goes_on()
        staff.is_told()
        kept = queries.accounts.account(maria.id)
        assert kept.role is Role.STAFF
        assert kept.password_hash != maria.password_hash


class TestOwnAccounts(Stage):
    @pytest.fixture
    def owner(self, person):
        return person("owner")

    @pytest.fixture
    def rival(self, person):
        return person("rival")

    @pytest.fixture
    def maria(self, owner):
        return owner.accounts.sign_up("maria", PASSWORD, "maria@example.org")

    @pytest.fixture
    def session(self, owner, maria):
        return owner.sessions.log_in("maria", PASSWORD, ADDRESS).session

    def change(self, somebody, session, new):
        """Whatever they do goes by the same old password."""
        return lambda: somebody.own_accounts.change_password(
            session.account_id, PASSWORD, new, session_id=session.id, address=somebody.name
        )

    def test_of_two_changes_of_a_password_the_first_counts(self, owner, rival, maria, session):
        owner.does(self.change(owner, session, ANOTHER), stopping_before="UPDATE accounts")
        rival.does(self.change(rival, session, "the third horse"))
        owner.goes_on()
        assert isinstance(rival.is_told(), WrongPassword)
        assert owner.sessions.log_in("maria", ANOTHER, ADDRESS)

    def test_of_two_uses_of_a_token_the_first_counts(self, owner, rival, maria):
        owner.password_resets.request("maria", "")
        [(_, token)] = owner.mailbox.links
        confirm = owner.password_resets.confirm
        owner.does(confirm, token, ANOTHER, stopping_before="UPDATE accounts")
        rival.does(rival.password_resets.confirm, token, "the third horse")
        owner.goes_on()
        assert isinstance(rival.is_told(), ResetTokenInvalid)
        assert owner.sessions.log_in("maria", ANOTHER, ADDRESS)

    def deletes(self, owner, maria):
        owner.does(owner.own_accounts.delete, maria.id, stopping_before=COMMIT)

    def test_nobody_logs_in_to_what_is_being_deleted(self, owner, rival, maria):
        self.deletes(owner, maria)
        rival.does(rival.sessions.log_in, "maria", PASSWORD, ADDRESS)
        owner.goes_on()
        assert isinstance(rival.is_told(), BadCredentials)

    def test_a_session_that_is_being_opened_ends_with_the_account(self, owner, rival, maria):
        log_in = rival.sessions.log_in, "maria", PASSWORD, ADDRESS
        rival.does(*log_in, stopping_before="INSERT INTO sessions")
        owner.does(owner.own_accounts.delete, maria.id)
        session = rival.goes_on().session
        owner.is_told()
        with pytest.raises(TokenRevoked):
            rival.sessions.renew(maria.id, session.id, 1)

    def test_a_password_is_not_changed_while_the_account_is_being_deleted(
        self, queries, owner, rival, maria, session
    ):
        self.deletes(owner, maria)
        rival.does(self.change(rival, session, ANOTHER))
        owner.goes_on()
        assert isinstance(rival.is_told(), WrongPassword)
        assert queries.accounts.account(maria.id).is_deleted

    def test_an_operator_does_not_bring_back_who_is_being_deleted(
        self, queries, owner, rival, maria
    ):
        self.deletes(owner, maria)
        rival.does(rival.accounts.change_role, "maria", Role.STAFF)
        owner.goes_on()
        assert isinstance(rival.is_told(), AccountNotFound)
        left = queries.accounts.account(maria.id)
        assert left == maria.deleted(left.deleted_at)

    def test_a_name_is_free_once_its_owner_is_deleted(self, queries, owner, rival, maria):
        self.deletes(owner, maria)
        sign_up = rival.accounts.sign_up, "maria", PASSWORD, "maria@example.org"
        rival.does(*sign_up)
        assert isinstance(rival.is_told(), UsernameTaken)
        owner.goes_on()
        again = rival.accounts.sign_up(*sign_up[1:])
        assert queries.accounts.account_named("maria") == again


class TestGuesses:
    def test_of_two_last_guesses_at_once_one_is_refused(self, person):
        first, second = person("first"), person("second")
        for _ in range(9):
            first.throttle.count("maria", ADDRESS)
        first.does(first.throttle.count, "maria", ADDRESS, stopping_before=COMMIT)
        second.does(second.throttle.count, "maria", ADDRESS)
        assert second.waited
        assert isinstance(first.goes_on(), str)
        assert isinstance(second.is_told(), TooManyAttempts)
