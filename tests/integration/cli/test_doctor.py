"""ticketing doctor, over real databases."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.integration.api.test_shared_limits import needs_redis, redis
from tests.integration.databases import new_database, opened, with_settings
from tests.integration.memory_tools import MemoryTools
from tests.integration.postgresql_server import Server, free_port
from ticketing.adapters.sql import schema
from ticketing.command import Operation
from ticketing.doctor import limits
from ticketing.entrypoints.cli import cli
from ticketing.entrypoints.cli.findings import Finding, Grade, fault, ok, warning
from ticketing.settings import Settings

AWAY = "postgresql://maria:hunter2@127.0.0.1:1/x"
KEY = "b6Yf0v2cQmJ8sWq1Zr4Tx7Lk3Hn9Pd5E"


def examined(home: Path, url: str, servers: int = 1, **more: str) -> dict[str, list[Finding]]:
    """What was found, by what it is about."""
    given = {"HOME": str(home), "DATABASE_URL": url, "SECRET_KEY": KEY, "WORKERS": "2"} | more
    settings = Settings.from_env({f"TICKETING_{name}": value for name, value in given.items()})
    found: dict[str, list[Finding]] = {}
    operation = Operation(settings)
    for finding in operation.examine(servers):
        found.setdefault(finding.about, []).append(finding)
    operation.__dict__["_database"].engine.dispose()
    return found


def grades(found: list[Finding]) -> set[Grade]:
    return {finding.grade for finding in found}


class TestCommand:
    def doctor(self, tools: MemoryTools, *args: str) -> Result:
        return CliRunner().invoke(cli, ["doctor", *args], obj=lambda: tools)

    def test_each_finding_is_a_line(self):
        tools = MemoryTools()
        tools.findings = [ok("clock", "Right."), warning("secrets", "Weak.", "Change it.")]

        done = self.doctor(tools, "--servers", "3")

        assert done.exit_code == 0
        assert done.stdout == (
            "ok       clock          Right.\nwarning  secrets        Weak. Change it.\n"
        )
        assert tools.calls == [("examine", 3)]

    def test_a_fault_is_an_exit_status(self):
        tools = MemoryTools()
        tools.findings = [fault("database", "Away.", "Start it."), ok("clock", "Right.")]

        assert self.doctor(tools).exit_code == 1


class TestSqlite:
    def test_all_is_well(self, tmp_path, sqlite_url):
        found = examined(tmp_path, sqlite_url)

        assert grades(found["database"] + found["migrations"] + found["files"]) == {Grade.OK}

    def test_a_file_that_is_not_there_is_not_made(self, tmp_path):
        found = examined(tmp_path, "sqlite:///x.db")

        assert "ticketing migrate" in found["database"][0].remedy
        assert not (tmp_path / "x.db").exists()

    def test_a_file_that_is_no_database(self, tmp_path):
        (tmp_path / "x.db").write_text("This is a letter, and not a short one." * 100)

        assert grades(examined(tmp_path, "sqlite:///x.db")["database"]) == {Grade.FAULT}

    def test_an_old_schema(self, tmp_path, sqlite_url):
        with opened(sqlite_url) as database:
            schema.downgrade(database.engine, "0001")

        [finding] = examined(tmp_path, sqlite_url)["migrations"]
        assert finding.grade is Grade.FAULT
        assert "ticketing migrate" in finding.remedy


class TestRedis:
    @pytest.fixture
    def check(self, tmp_path, sqlite_url):
        def check(place: str, user: str = ":hunter2@", ratelimit: str = "on") -> list[Finding]:
            storage = {"RATELIMIT_STORAGE": f"redis://{user}{place}", "RATELIMIT": ratelimit}
            found = examined(tmp_path, sqlite_url, servers=1, **storage)
            assert "hunter2" not in str(found)
            return found.get("redis", [])

        return check

    @needs_redis
    @pytest.mark.parametrize(("user", "grade"), [("", Grade.OK), (":hunter2@", Grade.WARNING)])
    def test_one_that_answers_and_takes_no_password(self, check, user, grade):
        port = free_port()
        with redis(port):
            [finding] = check(f"127.0.0.1:{port}/0", user)

        assert finding.grade is grade

    @pytest.mark.parametrize("option", ["", "?socket_timeout=hunter2", "?colour=red"])
    def test_one_that_is_away_or_badly_named(self, check, option):
        [finding] = check(f"127.0.0.1:1/0{option}")

        assert finding.grade is Grade.WARNING
        assert "TICKETING_RATELIMIT_STORAGE" in finding.remedy

    def test_one_that_never_answers_is_not_waited_for(self, check, monkeypatch):
        monkeypatch.setattr(limits, "_SECONDS", 0.05)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            [finding] = check(f"127.0.0.1:{silent.getsockname()[1]}/0")

        assert "Timeout" in finding.says

    def test_one_that_nobody_needs_is_not_asked(self, check):
        assert check("127.0.0.1:1/0", ratelimit="off") == []


class TestPostgresql:
    def test_all_is_well(self, tmp_path, postgresql, postgresql_server):
        found = examined(tmp_path, postgresql)

        for about in ("clock", "migrations", "connections"):
            assert grades(found[about]) == {Grade.OK}, found[about]
        assert "answers" in found["database"][0].says

    def test_too_many_connections(self, tmp_path, postgresql):
        [finding] = examined(tmp_path, postgresql, servers=1000)["connections"]

        assert finding.grade is Grade.FAULT
        assert "8000 may be opened (4 x 2 workers x 1000 servers)" in finding.says

    def test_commits_that_may_be_lost(self, tmp_path, postgresql):
        careless = with_settings(postgresql, "-c synchronous_commit=off")

        found = examined(tmp_path, careless)["database"]

        assert any("synchronous_commit = on" in finding.remedy for finding in found)

    def test_an_empty_database(self, tmp_path, postgresql_server: Server):
        with new_database(postgresql_server) as url:
            [finding] = examined(tmp_path, url)["migrations"]

        assert finding.grade is Grade.FAULT
        assert "is empty" in finding.says

    def test_a_replica_that_is_none(self, tmp_path, postgresql):
        found = examined(tmp_path, postgresql, READ_DATABASE_URL=postgresql)

        assert grades(found["replica"]) == {Grade.WARNING}

    @pytest.mark.parametrize("name", ["DATABASE_URL", "READ_DATABASE_URL"])
    def test_one_that_is_away_is_told_and_the_rest_looked_at(self, tmp_path, postgresql, name):
        urls = {"DATABASE_URL": postgresql, "READ_DATABASE_URL": postgresql} | {name: AWAY}

        found = examined(tmp_path, urls.pop("DATABASE_URL"), **urls)

        away = found["database" if name == "DATABASE_URL" else "replica"][-1]
        assert "cannot be reached" in away.says
        assert {"configuration", "secrets", "database", "replica"} <= found.keys()
        assert "hunter2" not in str(found)
