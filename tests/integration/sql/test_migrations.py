"""The schema: made by migrations, forth and back, by one process or by several."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context

import psycopg2
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect

from tests.builders import a_movie, a_show, put_on
from tests.contracts.fixtures import ALL
from tests.integration.databases import migrate, new_database, opened, with_settings
from tests.integration.postgresql_server import Server
from tests.integration.racers import wait_for_others
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.tables import metadata
from ticketing.domain.errors import NotReady

SCRIPTS = ScriptDirectory(str(schema.MIGRATIONS))
REVISIONS = [script.revision for script in SCRIPTS.walk_revisions()][::-1]
PROCESSES = 4


@pytest.fixture
def postgresql(postgresql_server: Server) -> Iterator[str]:
    """Nothing in it."""
    with new_database(postgresql_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path) -> str:
    """Not even a file."""
    return f"sqlite:///{tmp_path / 'new.db'}"


def tables_of(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def check(database: Database) -> None:
    assert schema.is_current(database.engine)
    assert schema.difference(database.engine) is None
    assert tables_of(database) == set(metadata.tables)


def test_the_revisions_form_one_line():
    assert SCRIPTS.get_heads() == [schema.HEAD] == REVISIONS[-1:]


def test_a_new_database_gets_the_schema_that_the_code_expects(database):
    assert schema.revision(database.engine) is None
    assert not schema.is_current(database.engine)
    schema.migrate(database.engine)
    check(database)


def test_a_store_that_was_not_migrated_is_not_ready(transactions, queries):
    with pytest.raises(NotReady):
        transactions(lambda uow: uow.movies.add(a_movie()))
    with pytest.raises(NotReady):
        queries.programme.movies("", ALL)


def test_an_old_schema_is_not_current(database):
    schema.migrate(database.engine)
    schema.downgrade(database.engine, REVISIONS[-2] if len(REVISIONS) > 1 else "base")
    assert not schema.is_current(database.engine)


def test_a_newer_schema_will_do_and_stays_as_it_is(database):
    """An upgrade migrates first, while servers of this release go on."""
    schema.migrate(database.engine)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    schema.migrate(database.engine)
    assert schema.is_current(database.engine)
    assert schema.revision(database.engine) == "9999"


def test_every_migration_goes_back_and_forth(database):
    for _ in range(2):
        schema.migrate(database.engine)
        for before in ["base", *REVISIONS][-2::-1]:
            schema.downgrade(database.engine, before)
        assert tables_of(database) == set()
        assert schema.revision(database.engine) is None
    schema.migrate(database.engine)
    check(database)


def test_migrating_again_changes_nothing(database, transactions, queries):
    schema.migrate(database.engine)
    show = put_on(transactions)
    schema.migrate(database.engine)
    check(database)
    assert queries.programme.show(show.id).show == show
    assert put_on(transactions, a_show()).id > show.id


def test_the_sql_can_be_applied_by_hand(database, database_url):
    script = schema.migration_sql(database.engine)
    if database.file:
        with closing(sqlite3.connect(database.file)) as connection:
            connection.executescript(script)
    else:
        with closing(psycopg2.connect(database_url)) as session:
            session.cursor().execute(script)
    check(database)


def test_a_migration_that_breaks_off_leaves_nothing_behind(database):
    def break_off(connection, cursor, statement, *_):
        if "CREATE TABLE show_seats" in statement:
            raise KeyboardInterrupt

    event.listen(database.engine, "before_cursor_execute", break_off)
    with pytest.raises(KeyboardInterrupt):
        schema.migrate(database.engine)
    event.remove(database.engine, "before_cursor_execute", break_off)
    assert tables_of(database) == set()
    schema.migrate(database.engine)
    check(database)


def test_several_processes_may_migrate_at_once(database_url):
    spawn = get_context("spawn")
    start = spawn.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, spawn, wait_for_others, (start,)) as processes:
        running = [processes.submit(migrate, database_url) for _ in range(PROCESSES)]
        for done in running:
            done.result()
    with opened(database_url) as database:
        check(database)


def test_a_migration_may_take_longer_than_any_statement_of_a_sale(postgresql_url):
    impatient = with_settings(postgresql_url, "-c statement_timeout=50ms")
    with opened(impatient) as database:

        @event.listens_for(database.engine, "before_cursor_execute")
        def take_long(connection, cursor, statement, *_):
            if "CREATE TABLE show_seats" in statement:
                cursor.execute("SELECT pg_sleep(0.1)")

        schema.migrate(database.engine)
        check(database)
