"""Sessions on PostgreSQL: revocations that become visible late, clocks, indexes and batches."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.builders import A_WEEK, ADDRESS, NOW, PASSWORD, SESSIONS, Ticks, a_session, register
from tests.contracts.fixtures import Fixtures
from tests.integration.sql.postgresql.transaction_client import COMMIT
from ticketing import bootstrap
from ticketing.adapters.sql.engine import clock as process_clock
from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE
from ticketing.bootstrap import create_app
from ticketing.entrypoints.http.web.revocations import REFRESH_SECONDS, Revocations
from ticketing.settings import Settings

KEPT_FOR = SESSIONS.kept_after_end


@pytest.fixture
def ticks():
    return Ticks()


class TestRevocations(Fixtures):
    def test_one_that_is_committed_5_s_after_its_time_is_seen(self, queries, client, clock, ticks):
        owner = client("owner")
        owner.accounts.sign_up("maria", PASSWORD)
        session = owner.sessions.log_in("maria", PASSWORD, ADDRESS).session
        revocations = Revocations(queries.accounts, KEPT_FOR, ticks)
        log_out = owner.sessions.log_out, session.account_id, session.id
        owner.start(*log_out, stopping_before=COMMIT)
        for _ in range(5):
            clock.advance(seconds=1)
            ticks.now += REFRESH_SECONDS
            assert session.id not in revocations
        owner.resume()
        ticks.now += REFRESH_SECONDS
        assert session.id in revocations

    def test_one_is_seen_by_a_server_whose_clock_is_25_minutes_ahead(
        self, postgresql_url, monkeypatch, ticks
    ):
        real_time = process_clock.system_clock
        for module in (process_clock, bootstrap):
            monkeypatch.setattr(module, "system_clock", lambda: real_time() + timedelta(minutes=25))
        given = {"DATABASE_URL": postgresql_url, "SECRET_KEY": "s" * 32, "RATELIMIT": "off"}
        settings = Settings.from_env({f"TICKETING_{name}": text for name, text in given.items()})
        app = create_app(settings, monotonic=ticks)
        client: Any = app.test_client()
        name = {"username": "maria", "password": PASSWORD}
        client.post("/api/auth/signup", json=name)
        tokens = client.post("/api/auth/login", json=name).json
        bearer = {"Authorization": f"Bearer {tokens['access']}"}
        assert client.get("/api/auth/me", headers=bearer).status_code == 200

        client.post("/api/auth/logout", json={"refresh": tokens["refresh"]})
        ticks.now += REFRESH_SECONDS

        assert client.get("/api/auth/me", headers=bearer).json["code"] == "token_revoked"
        app.extensions["ticketing.database"].engine.dispose()


def statements_of(engine: Engine, act):
    """Run ``act`` and return the statements that it sent, each with its parameters."""
    sent = []

    def record(_connection, cursor, statement, parameters, *_):
        sent.append(cursor.mogrify(statement, parameters).decode())

    event.listen(engine, "before_cursor_execute", record)
    act()
    event.remove(engine, "before_cursor_execute", record)
    return sent


class TestPlans(Fixtures):
    """With as many sessions of other accounts as make a difference."""

    @pytest.fixture
    def opened(self, transactions, customer, admin):
        others = [register(transactions, f"customer-{number}") for number in range(20)]

        def work(uow):
            for account_id in others * 40:
                uow.sessions.add(a_session(account_id))
            for _ in range(50):
                uow.sessions.add(a_session(customer))

        transactions(work)
        admin.execute("ANALYZE sessions")

    @pytest.mark.parametrize(
        ("index", "statement", "act"),
        [
            (
                "ix_sessions_revoked_at",
                "SELECT sessions.id",
                lambda _, queries: queries.accounts.revoked_sessions(KEPT_FOR),
            ),
            (
                "ix_sessions_account_id_renewed_at",
                "UPDATE sessions",
                lambda uow, _: uow.sessions.revoke_excess(1, NOW, keep=99),
            ),
            (
                "ix_sessions_expires_at",
                "SELECT sessions.account_id",
                lambda uow, _: uow.sessions.purge(NOW),
            ),
        ],
    )
    def test_frequent_statements_read_an_index(
        self, transactions, queries, database, admin, opened, index, statement, act
    ):
        sent = statements_of(database.engine, lambda: transactions(lambda uow: act(uow, queries)))
        *_, frequent = [each[each.index(statement) :] for each in sent if statement in each]
        admin.execute(f"EXPLAIN {frequent}")
        plan = "\n".join(line for (line,) in admin.fetchall())
        assert index in plan
        assert "Seq Scan on sessions" not in plan


class TestManySessions(Fixtures):
    @pytest.fixture
    def many(self, transactions, customer):
        """More sessions than one transaction ends, opened a minute apart."""

        def work(uow):
            for minute in range(MAX_ROWS_PER_DELETE + 200):
                renewed_at = NOW - timedelta(minutes=minute)
                uow.sessions.add(a_session(customer, renewed_at=renewed_at))

        transactions(work)

    def test_excess_ones_are_ended_and_purged_in_batches(
        self, queries, client, clock, customer, many
    ):
        server = client("server")
        server.sessions.end_excess_sessions()
        assert server.attempts == 4  # two delete, one revokes, the last finds none
        stored = queries.accounts.sessions(customer, 10_000)
        with_access_tokens = 136  # renewed in the last 135 minutes
        assert [session.renewed_at for session in stored] == [
            NOW - timedelta(minutes=minute) for minute in range(with_access_tokens)
        ]
        revoked = [session for session in stored if session.revoked_at == NOW]
        assert revoked == stored[100:]

    def test_ended_ones_are_purged_in_batches(self, queries, client, clock, customer, many):
        server = client("server")
        clock.now += A_WEEK + timedelta(days=1)
        server.sessions.purge_sessions()
        assert server.attempts == 3
        assert queries.accounts.sessions(customer, 10) == []
