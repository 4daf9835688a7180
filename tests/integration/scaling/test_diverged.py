"""After a fail-over, servers that do not follow the new primary are not read."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

import psycopg2
import pytest
from sqlalchemy import func, select

from tests.builders import Ticks, a_movie
from tests.integration.databases import migrate, opened
from tests.integration.polling import until
from tests.integration.postgresql_server import PostgresqlServer, Standby
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.open import open_replica
from ticketing.adapters.sql.replica import (
    CATCH_UP_SECONDS,
    FRESH_SECONDS,
    PrimaryWalPosition,
    ReplicaReader,
    read_wal_position,
)
from ticketing.adapters.sql.tables import movies
from ticketing.adapters.sql.unit_of_work import SqlTransactions

DATABASE = "ticketing"
ORDINARY = "visitor"
ROLE = f"CREATE ROLE {ORDINARY} LOGIN; GRANT pg_read_all_data TO {ORDINARY}"

IS_STANDBY = select(func.pg_is_in_recovery())
TITLES = select(movies.c.title)


@dataclass
class Servers:
    old: PostgresqlServer
    new: Standby  # promoted, without the last writes of the old one
    ahead: Standby  # has them, and so more than the new one


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with PostgresqlServer() as old:
        old.create_database(DATABASE)
        migrate(old.url(DATABASE))
        ask(old, ROLE)
        with old.standby() as new, old.standby() as ahead:
            new.kill()
            with opened(old.url(DATABASE)) as database:
                SqlTransactions(database)(lambda uow: uow.movies.add(a_movie("Lost")))
            end = ask(old, "SELECT pg_switch_wal(); SELECT pg_current_wal_lsn()")
            until(lambda: ask(ahead, f"SELECT pg_last_wal_replay_lsn() >= '{end}'"))
            old.kill()
            new.restart()
            new.promote()
            yield Servers(old, new, ahead)


def ask(server: PostgresqlServer, statements: str) -> Any:
    with closing(psycopg2.connect(server.url(DATABASE))) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statements)
        return cursor.description and cursor.fetchall()[0][0]


@contextmanager
def reading(
    replica: PostgresqlServer, primary: PostgresqlServer, monotonic: Callable[[], float] = monotonic
) -> Iterator[ReplicaReader]:
    with opened(primary.url(DATABASE)) as database:
        there = open_replica(
            replica.url(DATABASE).replace("ticketing@", f"{ORDINARY}@"), pool_size=1
        )
        wal_position = PrimaryWalPosition(lambda: read_wal_position(database), monotonic)
        yield ReplicaReader(there, Reader(database), wal_position, monotonic, lambda work: work())
        there.engine.dispose()


def titles(reader: ReplicaReader) -> Sequence[str]:
    return reader(lambda connection: connection.scalars(TITLES).all())


def test_a_standby_that_is_ahead_of_the_new_primary_is_not_read(servers):
    with reading(servers.ahead, servers.new) as reader:
        assert titles(reader) == []


def test_an_old_primary_that_is_back_is_not_read(servers):
    servers.old.restart()
    with reading(servers.old, servers.new) as reader:
        assert titles(reader) == []


def test_a_standby_of_the_new_primary_serves_until_it_is_promoted_by_hand(servers):
    def serves():
        ticks.now += CATCH_UP_SECONDS
        return reader(lambda connection: connection.scalar(IS_STANDBY))

    ticks = Ticks()
    with servers.new.standby() as follower, reading(follower, servers.new, ticks) as reader:
        until(serves)
        follower.promote()
        with opened(follower.url(DATABASE)) as database:
            SqlTransactions(database)(lambda uow: uow.movies.add(a_movie("Strange")))

        ticks.now += FRESH_SECONDS
        assert titles(reader) == []
