"""``ticketing distribute``, which needs Citus.

Few machines have Citus, so a stand-in takes its place: it records its calls, and is as strict
about foreign keys. ``test_citus_store.py`` tests the real one.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from click.testing import CliRunner

from tests.builders import put_on
from tests.integration.databases import migrate, new_database, opened, with_settings
from tests.integration.postgresql_server import Server
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.citus import CannotDistribute, distribute
from ticketing.adapters.sql.tables import metadata
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.entrypoints.cli.main import cli
from ticketing.settings import Settings

COMMAND = [sys.executable, "-P", "-m", "ticketing", "distribute"]
SOURCE = Path(__file__).parents[3] / "src"

STAND_IN = """
    CREATE SCHEMA citus;
    CREATE TABLE citus.pg_dist_node (isactive boolean, shouldhaveshards boolean);
    INSERT INTO citus.pg_dist_node VALUES (true, false), (true, true);
    CREATE TABLE citus.pg_dist_partition (logicalrelid regclass, spread_by text, beside text);

    CREATE FUNCTION citus.create_distributed_table(
        name regclass, spread_by text, colocate_with text
    ) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (
            SELECT FROM pg_constraint WHERE contype = 'f' AND name IN (conrelid, confrelid)
        ) THEN
            RAISE '% has a foreign key', name;
        END IF;
        INSERT INTO citus.pg_dist_partition VALUES (name, spread_by, colocate_with);
    END $$;

    CREATE FUNCTION citus.create_reference_table(name regclass) RETURNS void LANGUAGE sql
    AS 'SELECT citus.create_distributed_table(name, NULL, NULL)';
"""
WORKER = "CREATE TABLE citus.pg_dist_local_group AS SELECT 3 AS groupid"
PLACES = "SELECT logicalrelid::text, spread_by, beside FROM pg_dist_partition"
UNIQUE = """
    SELECT array_agg(attname::text) FROM pg_index
    JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
    WHERE indisunique AND indrelid = '{table}'::regclass GROUP BY indexrelid
"""
MODE = "SHOW citus.multi_shard_modify_mode"


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def command(home: Path, url: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TICKETING_")}
    settings = {"PYTHONPATH": str(SOURCE), "TICKETING_HOME": str(home)}
    return subprocess.run(
        COMMAND,
        env=kept | settings | {"TICKETING_DATABASE_URL": url},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
    )


def refusal(url: str) -> str:
    """Return the error message of the command in one line."""
    settings = Settings.from_env({"TICKETING_DATABASE_URL": url})
    done = CliRunner().invoke(cli, ["distribute"], obj=settings)
    assert (done.exit_code, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line.removeprefix("Error: ")


@pytest.fixture
def new_url(postgresql_server: Server) -> Iterator[str]:
    with new_database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="module")
def template(postgresql_server: Server) -> Iterator[str]:
    """A migrated database with the stand-in for Citus."""
    with new_database(postgresql_server) as url:
        migrate(url)
        rows(url, STAND_IN)
        yield urlsplit(url).path.strip("/")


@pytest.fixture
def database_url(postgresql_server: Server, template: str) -> Iterator[str]:
    name = f"{template}_copy"
    postgresql_server.create_database(name, template)
    yield with_settings(postgresql_server.url(name), "-c search_path=public,citus")
    postgresql_server.drop_database(name)


def difference(url: str) -> str | None:
    """Compare the schema without the tables of the stand-in."""
    with opened(with_settings(url, "-c search_path=public")) as database:
        return schema.difference(database.engine)


def untouched(url: str) -> bool:
    return difference(url) is None and rows(url, PLACES) == []


class TestCommand:
    def test_sqlite_cannot_be_distributed(self, tmp_path):
        assert "SQLite lives on one machine" in refusal(f"sqlite:///{tmp_path}/ticketing.db")
        assert list(tmp_path.iterdir()) == []

    def test_a_database_without_the_schema(self, new_url):
        assert "run `ticketing migrate`" in refusal(new_url)

    def test_postgresql_without_citus(self, new_url):
        migrate(new_url)

        assert "has no Citus" in refusal(new_url)

    def test_an_unreachable_database(self):
        assert "cannot be reached" in refusal("postgresql://127.0.0.1:1/ticketing")

    def test_it_reports_what_it_did_and_is_idempotent(self, tmp_path, database_url):
        first, second = (command(tmp_path, database_url) for _ in range(2))

        assert (first.returncode, second.returncode) == (0, 0)
        assert first.stdout == "The database is now distributed.\n"
        assert second.stdout == "The database is already distributed.\n"
        assert first.stderr == second.stderr == ""


class TestDistribution:
    def test_every_table_is_distributed_local_or_a_reference_table(self, database, database_url):
        assert distribute(database.engine)

        assert sorted(rows(database_url, PLACES), key=str) == [
            ("account_messages", "name_hash", "none"),
            ("account_names", "name_key", "none"),
            ("accounts", "id", "none"),
            ("alembic_version", None, None),
            ("audit_entries", "id", "none"),
            ("bookings", "show_id", "shows"),
            ("failed_log_ins", "key", "none"),
            ("holds", "show_id", "shows"),
            ("idempotency_keys", "show_id", "shows"),
            ("movies", None, None),
            ("screens", None, None),
            ("seat_plans", None, None),
            ("sessions", "account_id", "accounts"),
            ("show_customers", "show_id", "shows"),
            ("show_messages", "show_id", "shows"),
            ("show_seats", "show_id", "shows"),
            ("shows", "id", "none"),
            ("waiting_list_entries", "show_id", "shows"),
        ]
        assert {name for name, *_ in rows(database_url, PLACES)} > set(metadata.tables)

    def test_unique_indexes_contain_the_distribution_column(self, database, database_url):
        """Citus enforces uniqueness only with the distribution column in the index."""
        distribute(database.engine)
        spread_by = {name: column for name, column, _ in rows(database_url, PLACES) if column}

        for name, column in spread_by.items():
            for index in rows(database_url, UNIQUE.format(table=name)):
                assert column in index[0]

    def test_foreign_keys_keep_their_names(self, database, database_url):
        distribute(database.engine)

        assert difference(database_url) is None

    def test_later_connections_query_shards_sequentially(self, database, database_url):
        distribute(database.engine)

        assert rows(database_url, MODE) == [("sequential",)]

    def test_distributing_again_changes_nothing(self, database, database_url):
        distribute(database.engine)
        before = rows(database_url, PLACES)

        assert not distribute(database.engine)
        assert rows(database_url, PLACES) == before

    def test_a_new_table_is_distributed_on_its_own(self, database, database_url):
        distribute(database.engine)
        rows(database_url, "DELETE FROM pg_dist_partition WHERE logicalrelid::text = 'sessions'")

        assert distribute(database.engine)
        assert ("sessions", "account_id", "accounts") in rows(database_url, PLACES)
        assert difference(database_url) is None


class TestRefusals:
    def test_a_database_with_data(self, database, database_url):
        put_on(SqlTransactions(database))

        with pytest.raises(CannotDistribute, match="movies, screens, seat_plans, shows") as refusal:
            distribute(database.engine)
        assert "bookings" not in str(refusal.value)
        assert untouched(database_url)

    def test_a_worker_node(self, database, database_url):
        rows(database_url, WORKER)

        with pytest.raises(CannotDistribute, match="coordinator"):
            distribute(database.engine)
        assert untouched(database_url)

    def test_a_cluster_without_worker_nodes(self, database, database_url):
        rows(database_url, "DELETE FROM pg_dist_node WHERE shouldhaveshards")

        with pytest.raises(CannotDistribute, match="citus_add_node"):
            distribute(database.engine)
        assert untouched(database_url)

    def test_an_interrupted_distribution_leaves_no_trace(self, database, database_url):
        rows(database_url, "ALTER TABLE pg_dist_partition ADD CHECK (spread_by <> 'account_id')")

        with pytest.raises(Exception, match="violates check constraint"):
            distribute(database.engine)
        assert untouched(database_url)
