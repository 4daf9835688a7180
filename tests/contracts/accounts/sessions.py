"""Sessions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import (
    A_WEEK,
    ADDRESS,
    JUST_NOW,
    NOW,
    PASSWORD,
    SESSIONS,
    a_session,
    account_service,
    register,
    session_service,
)
from tests.contracts.concurrent_calls import ConcurrentCall, all_at_once, answer
from tests.contracts.fixtures import UNKNOWN, Fixtures
from ticketing.domain.accounts.account import Role
from ticketing.domain.accounts.errors import BadCredentials


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

    @pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
    def test_ended_sessions_are_purged(self, transactions, customer, session, column):
        other = register(transactions, "other")
        ended = [
            self.opened(transactions, account, **{column: NOW - timedelta(days=day)})
            for account, day in ((customer, 1), (customer, 2), (other, 2))
        ]

        def purge(days):
            before = NOW - timedelta(days=days)
            return transactions(lambda uow: uow.sessions.purge(before))

        assert purge(2) == 0
        assert purge(1) == 2
        assert purge(1) == 0
        assert [self.kept(transactions, one) for one in ended] == [ended[0], None, None]
        assert self.kept(transactions, session) == session

    def test_open_sessions_are_listed_first_and_the_last_renewed_first(
        self, transactions, queries, customer
    ):
        self.opened(transactions, register(transactions, "other"))
        renewed = [
            self.opened(transactions, customer, renewed_at=NOW + timedelta(hours=hour))
            for hour in range(3)
        ]
        ended = self.opened(
            transactions, customer, renewed_at=NOW + timedelta(hours=9), revoked_at=NOW
        )
        listed = [*reversed(renewed), ended]
        assert queries.accounts.sessions(customer, 10) == listed
        assert queries.accounts.sessions(customer, 2) == listed[:2]
        assert queries.accounts.sessions(customer + 1000, 10) == []

    def revoke_excess(self, transactions, account_id, keep):
        at = NOW + timedelta(hours=9)
        return transactions(lambda uow: uow.sessions.revoke_excess(account_id, at, keep=keep)), at

    def test_the_least_recently_renewed_sessions_are_revoked_as_excess(
        self, transactions, customer
    ):
        others = self.opened(transactions, register(transactions, "other"))
        newest, oldest, middle = [
            self.opened(transactions, customer, renewed_at=NOW + timedelta(hours=hour))
            for hour in (3, 1, 2)
        ]
        assert self.revoke_excess(transactions, customer, 3)[0] == 0
        revoked, at = self.revoke_excess(transactions, customer, 2)
        assert revoked == 1
        assert self.kept(transactions, oldest) == oldest.revoked(at)
        for kept in (newest, middle, others):
            assert self.kept(transactions, kept) == kept
        assert self.revoke_excess(transactions, customer, 0)[0] == 2

    def test_excess_sessions_are_deleted_if_they_are_idle(self, transactions, customer):
        others = self.opened(transactions, register(transactions, "other"))
        newest, oldest, middle = [
            self.opened(transactions, customer, renewed_at=NOW + timedelta(hours=hour))
            for hour in (3, 1, 2)
        ]
        at = NOW + timedelta(hours=9)

        def delete(keep, hours):
            idle_since = NOW + timedelta(hours=hours)
            return transactions(
                lambda uow: uow.sessions.delete_excess(
                    customer, at, keep=keep, idle_since=idle_since
                )
            )

        assert (delete(3, 9), delete(0, 1)) == (0, 0)
        assert delete(1, 2) == 1
        assert self.kept(transactions, oldest) is None
        for kept in (newest, middle, others):
            assert self.kept(transactions, kept) == kept

    def test_sessions_that_have_ended_do_not_count_as_excess(self, transactions, customer, session):
        late = NOW + timedelta(hours=8)
        ended = self.opened(transactions, customer, renewed_at=late, revoked_at=late)
        expired = self.opened(transactions, customer, renewed_at=late, expires_at=late)
        assert self.revoke_excess(transactions, customer, 1)[0] == 0
        for kept in (session, ended, expired):
            assert self.kept(transactions, kept) == kept

    def test_accounts_with_more_sessions_are_listed(self, transactions, queries, customer):
        other = register(transactions, "other")
        for account_id, number in ((customer, 3), (other, 2)):
            for _ in range(number):
                self.opened(transactions, account_id)
        self.opened(transactions, other, revoked_at=NOW)
        assert queries.accounts.accounts_with_more_sessions(2) == [customer]
        assert queries.accounts.accounts_with_more_sessions(3) == []

    def test_of_a_hundred_log_ins_at_once_no_more_than_the_maximum_stay_open(
        self, transactions, queries
    ):
        account_service(transactions, queries).sign_up("maria", PASSWORD)
        policy = replace(SESSIONS, per_account=5)
        sessions = session_service(transactions, queries, policy=policy)
        opened = all_at_once(lambda _: sessions.log_in("maria", PASSWORD, ADDRESS), range(100))
        stored = queries.accounts.sessions(opened[0].account.id, 200)
        assert len(stored) == 100
        assert sum(session.revoked_at is None for session in stored) == 5

    def test_revoked_sessions_are_listed_by_the_clock_of_the_store(
        self, transactions, queries, customer, session, clock
    ):
        moments = [NOW - timedelta(microseconds=1), NOW, NOW + timedelta(hours=1)]
        revoked = [self.opened(transactions, customer).revoked(at) for at in moments]

        def work(uow):
            for ended in revoked:
                uow.sessions.save(ended)

        transactions(work)
        clock.advance(hours=2)
        within = timedelta(hours=2)
        assert queries.accounts.revoked_sessions(within) == {ended.id for ended in revoked[1:]}
        assert queries.accounts.revoked_sessions(JUST_NOW) == frozenset()

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
