"""ticketing doctor, with real databases."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.integration.api.test_shared_limits import needs_redis, redis
from tests.integration.databases import downgrade, new_database, opened, with_settings
from tests.integration.postgresql_server import Server, free_port
from ticketing.adapters.sql.open import open_replica
from ticketing.entrypoints.cli.doctor import servers as checks
from ticketing.entrypoints.cli.doctor.command import check_all
from ticketing.entrypoints.cli.doctor.findings import Finding, Severity
from ticketing.entrypoints.cli.main import cli
from ticketing.settings import Settings

AWAY = "postgresql://maria:hunter2@127.0.0.1:1/x"
KEY = "b6Yf0v2cQmJ8sWq1Zr4Tx7Lk3Hn9Pd5E"


def findings(home: Path, url: str, servers: int = 1, **more: str) -> dict[str, list[Finding]]:
    """Return the findings by area."""
    given = {"HOME": str(home), "DATABASE_URL": url, "SECRET_KEY": KEY, "WORKERS": "2"} | more
    settings = Settings.from_env({f"TICKETING_{name}": value for name, value in given.items()})
    found: dict[str, list[Finding]] = {}
    replica_url = settings.read_database_url
    replica = open_replica(replica_url, pool_size=1) if replica_url else None
    with opened(settings.database_url) as database:
        for finding in check_all(settings, {}, database, replica, servers):
            found.setdefault(finding.area, []).append(finding)
    if replica:
        replica.engine.dispose()
    return found


def severities(found: list[Finding]) -> set[Severity]:
    return {finding.severity for finding in found}


class TestCommand:
    def doctor(self, home: Path, url: str) -> tuple[int, str]:
        given = {"TICKETING_HOME": str(home), "TICKETING_DATABASE_URL": url}
        done = CliRunner().invoke(cli, ["doctor"], obj=Settings.from_env(given))
        return done.exit_code, done.stdout

    def test_each_finding_is_a_line(self, tmp_path, sqlite_url):
        status, printed = self.doctor(tmp_path, sqlite_url)

        assert status == 0
        assert "warning  configuration  This is a development installation. Set " in printed
        assert "ok       migrations     The schema is up to date" in printed
        assert "ok       messages       No message to a customer is late." in printed

    def test_a_fault_sets_the_exit_status(self, tmp_path):
        status, printed = self.doctor(tmp_path, "sqlite:///missing.db")

        assert status == 1
        assert "fault    database " in printed


class TestSqlite:
    def test_a_healthy_installation(self, tmp_path, sqlite_url):
        found = findings(tmp_path, sqlite_url)

        assert severities(found["database"] + found["migrations"] + found["files"]) == {Severity.OK}

    def test_a_missing_file_is_not_created(self, tmp_path):
        found = findings(tmp_path, "sqlite:///x.db")

        assert "ticketing migrate" in found["database"][0].remedy
        assert not (tmp_path / "x.db").exists()

    def test_a_file_that_is_not_a_database(self, tmp_path):
        (tmp_path / "x.db").write_text("This is a letter, and not a short one." * 100)

        assert severities(findings(tmp_path, "sqlite:///x.db")["database"]) == {Severity.FAULT}

    def test_an_outdated_schema(self, tmp_path, sqlite_url):
        with opened(sqlite_url) as database:
            downgrade(database, "0001")

        [finding] = findings(tmp_path, sqlite_url)["migrations"]
        assert finding.severity is Severity.FAULT
        assert "ticketing migrate" in finding.remedy


class TestRedis:
    @pytest.fixture
    def check(self, tmp_path, sqlite_url):
        def check(place: str, user: str = ":hunter2@", ratelimit: str = "on") -> list[Finding]:
            storage = {"RATELIMIT_STORAGE": f"redis://{user}{place}", "RATELIMIT": ratelimit}
            found = findings(tmp_path, sqlite_url, servers=1, **storage)
            assert "hunter2" not in str(found)
            return found.get("redis", [])

        return check

    @needs_redis
    @pytest.mark.parametrize(
        ("user", "grade"), [("", Severity.OK), (":hunter2@", Severity.WARNING)]
    )
    def test_redis_answers_or_refuses_the_password(self, check, user, grade):
        port = free_port()
        with redis(port):
            [finding] = check(f"127.0.0.1:{port}/0", user)

        assert finding.severity is grade

    @pytest.mark.parametrize("option", ["", "?socket_timeout=hunter2", "?colour=red"])
    def test_redis_is_unreachable_or_its_url_is_wrong(self, check, option):
        [finding] = check(f"127.0.0.1:1/0{option}")

        assert finding.severity is Severity.WARNING
        assert "TICKETING_RATELIMIT_STORAGE" in finding.remedy

    def test_redis_that_never_answers_times_out(self, check, monkeypatch):
        monkeypatch.setattr(checks, "REDIS_TIMEOUT_SECONDS", 0.05)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            [finding] = check(f"127.0.0.1:{silent.getsockname()[1]}/0")

        assert "Timeout" in finding.message

    def test_redis_is_not_checked_without_rate_limits(self, check):
        assert check("127.0.0.1:1/0", ratelimit="off") == []


class TestPostgresql:
    def test_a_healthy_installation(self, tmp_path, postgresql, postgresql_server):
        found = findings(tmp_path, postgresql)

        for about in ("clock", "migrations", "connections"):
            assert severities(found[about]) == {Severity.OK}, found[about]
        assert "answers" in found["database"][0].message

    def test_too_many_connections(self, tmp_path, postgresql):
        [finding] = findings(tmp_path, postgresql, servers=1000)["connections"]

        assert finding.severity is Severity.FAULT
        assert "20000 connections may be opened (10 x 2 workers x 1000 servers)" in finding.message

    def test_connections_of_a_citus_node(self, tmp_path, postgresql_server):
        with new_database(postgresql_server) as url, opened(url) as database:
            with database.engine.connect() as connection:
                connection.exec_driver_sql("CREATE TABLE pg_dist_partition ()")
            [finding] = findings(tmp_path, url, servers=2)["connections"]

        assert "81 connections may be opened on each Citus node" in finding.message

    def test_unsafe_commits(self, tmp_path, postgresql):
        careless = with_settings(postgresql, "-c synchronous_commit=off")

        found = findings(tmp_path, careless)["database"]

        assert any("synchronous_commit = on" in finding.remedy for finding in found)

    def test_an_empty_database(self, tmp_path, postgresql_server: Server):
        with new_database(postgresql_server) as url:
            [finding] = findings(tmp_path, url)["migrations"]

        assert finding.severity is Severity.FAULT
        assert "is empty" in finding.message

    def test_a_replica_that_is_a_primary(self, tmp_path, postgresql):
        found = findings(tmp_path, postgresql, READ_DATABASE_URL=postgresql)

        assert severities(found["replica"]) == {Severity.WARNING}

    @pytest.mark.parametrize("name", ["DATABASE_URL", "READ_DATABASE_URL"])
    def test_an_unreachable_database_does_not_stop_the_other_checks(
        self, tmp_path, postgresql, name
    ):
        urls = {"DATABASE_URL": postgresql, "READ_DATABASE_URL": postgresql} | {name: AWAY}

        found = findings(tmp_path, urls.pop("DATABASE_URL"), **urls)

        away = found["database" if name == "DATABASE_URL" else "replica"][-1]
        assert "cannot be reached" in away.message
        assert {"configuration", "secrets", "database", "replica"} <= found.keys()
        assert "hunter2" not in str(found)
