"""Sessions."""

from datetime import timedelta

import pytest

from tests.builders import (
    A_WEEK,
    ADDRESS,
    NOW,
    PASSWORD,
    a_session,
    account_service,
    register,
    session_service,
)
from tests.contracts.concurrent_calls import ConcurrentCall, answer
from tests.contracts.fixtures import UNKNOWN, Fixtures
from ticketing.domain.accounts.account import Role
from ticketing.domain.accounts.errors import BadCredentials

LONG_AGO = NOW - 3 * A_WEEK


class SessionsContract(Fixtures):
    @pytest.fixture
    def session(self, transactions, customer):
        return self.opened(transactions, customer)

    def opened(self, transactions, account_id, **details):
        session = a_session(account_id, **details)
        transactions(lambda uow: uow.sessions.add(session))
        return session

    def kept(self, transactions, session):
        return self.locked(transactions, session.account_id, session.id)

    def locked(self, transactions, account_id, session_id):
        return transactions(lambda uow: uow.sessions.lock(account_id, session_id))

    @pytest.mark.parametrize("rotates", [True, False])
    def test_a_session_is_stored_and_found(self, transactions, queries, customer, rotates):
        session = self.opened(transactions, customer, rotates=rotates)
        assert self.kept(transactions, session) == session
        assert queries.accounts.session(customer, session.id) == session

    def test_a_session_belongs_to_one_account(self, transactions, queries, customer, session):
        other = register(transactions, "other")
        for account_id, session_id in ((other, session.id), (customer, "unknown")):
            assert self.locked(transactions, account_id, session_id) is None
            assert queries.accounts.session(account_id, session_id) is None

    @pytest.mark.parametrize("account_id", UNKNOWN)
    def test_an_unknown_account_has_no_session(self, transactions, queries, session, account_id):
        assert self.locked(transactions, account_id, session.id) is None
        assert queries.accounts.session(account_id, session.id) is None

    def test_queries_return_the_time_of_the_store(self, transactions, queries):
        assert queries.accounts.now() == transactions(lambda uow: uow.now()) == NOW

    def test_a_changed_session_is_stored(self, transactions, session):
        for change in (
            session.renew(1, now=NOW + timedelta(days=1), lifetime=A_WEEK),
            session.revoked(NOW + timedelta(seconds=1)),
        ):
            transactions(lambda uow, changed=change: uow.sessions.save(changed))
            assert self.kept(transactions, session) == change

    def test_all_sessions_of_an_account_are_revoked(self, transactions, customer, session):
        ended = self.opened(transactions, customer).revoked(NOW)
        others = self.opened(transactions, register(transactions, "other"))
        at = NOW + timedelta(hours=1)

        def work(uow):
            uow.sessions.save(ended)
            uow.sessions.revoke_all(customer, at)

        transactions(work)
        assert self.kept(transactions, session) == session.revoked(at)
        assert self.kept(transactions, ended) == ended
        assert self.kept(transactions, others) == others

    def test_all_other_sessions_of_an_account_are_revoked(self, transactions, customer, session):
        others = [self.opened(transactions, customer) for _ in range(2)]
        at = NOW + timedelta(hours=1)
        transactions(lambda uow: uow.sessions.revoke_all(customer, at, but=session.id))
        assert self.kept(transactions, session) == session
        for other in others:
            assert self.kept(transactions, other) == other.revoked(at)

    def test_ended_sessions_are_purged(self, transactions, customer, session):
        other = register(transactions, "other")
        ended = [
            self.opened(transactions, account, revoked_at=NOW - timedelta(days=day))
            for account, day in ((customer, 1), (customer, 2), (other, 2))
        ]

        def purge(days):
            before = NOW - timedelta(days=days)
            return transactions(lambda uow: uow.sessions.purge_ended(before))

        assert purge(2) == 0
        assert purge(1) == 2
        assert purge(1) == 0
        assert [self.kept(transactions, one) for one in ended] == [ended[0], None, None]
        assert self.kept(transactions, session) == session

    def test_the_sessions_of_an_account_are_listed(self, transactions, queries, customer, session):
        self.opened(transactions, register(transactions, "other"))
        ended = self.opened(transactions, customer, expires_at=NOW, revoked_at=NOW)
        assert queries.accounts.sessions(customer) == [ended, session]
        assert queries.accounts.sessions(customer + 1000) == []

    def test_expired_sessions_are_purged(self, transactions, customer, session):
        expired = [
            self.opened(transactions, customer, rotates=rotates, expires_at=LONG_AGO)
            for rotates in (True, False)
        ]
        ended = self.opened(transactions, customer).revoked(NOW)
        others = self.opened(transactions, register(transactions, "other"), expires_at=LONG_AGO)

        def work(uow):
            uow.sessions.save(ended)
            uow.sessions.purge_expired(customer, NOW)

        transactions(work)
        assert [self.kept(transactions, gone) for gone in expired] == [None, None]
        for kept in (session, ended, others):
            assert self.kept(transactions, kept) == kept

    def test_revoked_sessions_are_listed_since_a_time(
        self, transactions, queries, customer, session
    ):
        moments = [NOW - timedelta(microseconds=1), NOW, NOW + timedelta(hours=1)]
        revoked = [self.opened(transactions, customer).revoked(at) for at in moments]

        def work(uow):
            for ended in revoked:
                uow.sessions.save(ended)

        transactions(work)
        assert queries.accounts.revoked_sessions(NOW) == {ended.id for ended in revoked[1:]}
        assert queries.accounts.revoked_sessions(NOW + A_WEEK) == frozenset()

    @pytest.mark.parametrize(
        "change",
        [
            lambda accounts, maria: accounts.change_password("maria", "another horse"),
            lambda accounts, maria: accounts.change_role("maria", Role.STAFF),
            lambda accounts, maria: accounts.delete(maria.id),
        ],
        ids=["password", "role", "deletion"],
    )
    def test_a_change_of_the_account_ends_a_session_opened_concurrently(
        self, transactions, queries, change
    ):
        def interrupted(work):
            def opening(uow):
                add = uow.sessions.add

                def add_late(session):
                    concurrent.start()
                    add(session)

                uow.sessions.add = add_late
                return work(uow)

            return transactions(opening)

        accounts = account_service(transactions, queries)
        concurrent = ConcurrentCall(change, accounts, accounts.sign_up("maria", PASSWORD))
        sessions = session_service(interrupted, queries)
        opened = answer(sessions.log_in, "maria", PASSWORD, ADDRESS)
        concurrent.result()
        if not isinstance(opened, BadCredentials):
            assert self.kept(transactions, opened.session).revoked_at is not None
