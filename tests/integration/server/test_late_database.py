"""A database that starts after the processes that need it, and one with a newer schema."""

import subprocess
from pathlib import Path

import pytest

from tests.integration.databases import opened
from tests.integration.polling import until
from tests.integration.postgresql_server import PostgresqlServer, free_port
from tests.integration.running_server import (
    COMMAND,
    TIMEOUT_SECONDS,
    RunningServer,
    environment,
    spawned,
)


def answers(server: RunningServer, path: str) -> int:
    try:
        return server.call("GET", path).status
    except OSError:
        return 0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def test_migrations_and_servers_wait_for_postgresql(home):
    with PostgresqlServer() as postgresql:
        url = postgresql.url("postgres")
        postgresql.kill()
        port = free_port()
        with (
            spawned(home, "migrate", "--wait", "60", DATABASE_URL=url) as migration,
            spawned(
                home, "serve", "--workers", "1", "--port", str(port), DATABASE_URL=url
            ) as process,
        ):
            server = RunningServer(process, port, home / "server.log")
            until(lambda: answers(server, "/healthz") == 200)
            assert answers(server, "/readyz") == 503
            assert answers(server, "/api/movies") == 503
            assert migration.poll() is None

            postgresql.restart()

            assert migration.wait(TIMEOUT_SECONDS) == 0
            until(lambda: answers(server, "/readyz") == 200)
            assert answers(server, "/api/movies") == 200
        assert "Answering 503 until it is back" in server.printed
        assert "Traceback" not in server.printed
        assert server.printed.count("The job 'offers to waiting customers' failed") <= 1


def test_a_migration_waits_no_longer_than_it_may(home):
    url = f"postgresql://127.0.0.1:{free_port()}/nothing"
    migration = subprocess.run(
        [*COMMAND, "migrate", "--wait", "0"],
        env=environment(home, DATABASE_URL=url),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    assert migration.returncode == 1
    assert "The database cannot be reached" in migration.stderr


def test_a_server_starts_after_a_newer_release_has_migrated(home):
    migrate = [*COMMAND, "migrate"]
    subprocess.run(migrate, env=environment(home), cwd=home, check=True, timeout=TIMEOUT_SECONDS)
    with opened(f"sqlite:///{home}/ticketing.db") as database, database.engine.begin() as store:
        store.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    port = free_port()
    with spawned(home, "serve", "--workers", "1", "--port", str(port)) as process:
        server = RunningServer(process, port, home / "server.log")
        until(lambda: answers(server, "/readyz") == 200)
    assert "(revision 9999) is newer" in server.printed
