"""What the doctor makes of what it sees."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOW
from ticketing import tracing
from ticketing.adapters.sql.postgresql.server_settings import ServerSettings
from ticketing.doctor.configuration import check_configuration
from ticketing.doctor.files import check_files
from ticketing.doctor.keys import check_keys, weakness_of
from ticketing.doctor.store import clocks, connections, safety, version_of
from ticketing.entrypoints.cli.findings import Finding, Grade
from ticketing.settings import Settings

RANDOM = "b6Yf0v2cQmJ8sWq1Zr4Tx7Lk3Hn9Pd5E"
ANOTHER = "Uo3hT9kzXw5mBq7RcL1yVn8eGd2fJs6A"
PRODUCTION = {
    "ENV": "production",
    "SECRET_KEY": RANDOM,
    "PUBLIC_URL": "https://tickets.example.org",
    "TRUSTED_PROXIES": "10.0.0.0/8",
    "SMTP_URL": "smtp://mail.example.org",
    "MAIL_FROM": "box-office@example.org",
    "RATELIMIT_STORAGE": "redis://localhost:6379/0",
}


def settings(**given: str) -> Settings:
    return Settings.from_env({f"TICKETING_{name}": value for name, value in given.items()})


def grades(found: Any) -> list[Grade]:
    return [finding.grade for finding in found]


def of_production(**changed: str) -> list[Finding]:
    return list(check_configuration(settings(**PRODUCTION | changed)))


class TestConfiguration:
    def test_all_that_production_needs(self):
        assert grades(of_production()) == [Grade.OK]

    def test_development_is_not_for_the_public(self):
        assert grades(check_configuration(settings())) == [Grade.OK, Grade.WARNING]

    @pytest.mark.parametrize(
        ("changed", "grade", "word"),
        [
            ({"COLOUR": "red"}, Grade.WARNING, "TICKETING_COLOUR"),
            ({"PUBLIC_URL": "http://tickets.example.org"}, Grade.FAULT, "TLS"),
            ({"TRUSTED_PROXIES": ""}, Grade.WARNING, "TRUSTED_PROXIES"),
            ({"SMTP_URL": "", "MAIL_FROM": ""}, Grade.WARNING, "SMTP_URL"),
            ({"PASSWORD_MIN_LENGTH": "6"}, Grade.WARNING, "PASSWORD_MIN_LENGTH"),
            ({"COMMON_PASSWORDS": "allow"}, Grade.WARNING, "COMMON_PASSWORDS"),
            ({"RATELIMIT": "off"}, Grade.FAULT, "RATELIMIT"),
            ({"RATELIMIT_STORAGE": "memory", "WORKERS": "2"}, Grade.WARNING, "redis"),
        ],
    )
    def test_what_is_wrong_is_told_with_what_to_do(self, changed, grade, word):
        [found] = of_production(**changed)

        assert found.grade is grade
        assert word in found.says + found.remedy
        assert found.remedy

    def test_a_public_address_is_wanted_even_where_no_mail_names_it(self):
        no_mail = {"SMTP_URL": "", "MAIL_FROM": ""}
        found = of_production(PUBLIC_URL="", ALLOWED_HOSTS="a.example", **no_mail)

        assert grades(found) == [Grade.WARNING, Grade.WARNING]
        assert "TICKETING_PUBLIC_URL" in found[0].remedy

    def test_one_worker_counts_for_all(self):
        assert grades(of_production(RATELIMIT_STORAGE="memory", WORKERS="1")) == [Grade.OK]

    def test_tracing_needs_its_libraries(self, monkeypatch):
        monkeypatch.setattr(tracing, "is_installed", lambda: False)

        assert grades(of_production(TRACING="on")) == [Grade.FAULT]


class TestKeys:
    @pytest.mark.parametrize(
        ("key", "word"),
        [
            ("a" * 40, "different"),
            ("abababababababababababababababababab", "different"),
            ("please-changeme-please-changeme-please", "words"),
            ("MY-SECRET-b6Yf0v2cQmJ8sWq1Zr4Tx7Lk3Hn9", "words"),
            ("0123456789abcdef0123456789abcdef", "words"),
            ("qX7vLm2Tz9Rk4WbYqX7vLm2Tz9Rk4WbY", "repeats"),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaqX7vLm2Tz9R", "repeats"),
        ],
    )
    def test_what_can_be_guessed(self, key, word):
        assert word in (weakness_of(key) or "")

    @pytest.mark.parametrize(
        "key",
        [RANDOM, "9f86d081884c7d659a2feaa0c55ad015", "correct-Horse.battery,staple-7-umbrella"],
    )
    def test_what_cannot(self, key):
        assert weakness_of(key) is None

    def test_each_secret_is_judged_and_none_is_told(self):
        weak = "hunter2" * 6
        found = list(check_keys(settings(SECRET_KEY=weak, METRICS_TOKEN=RANDOM)))

        assert grades(found) == [Grade.FAULT, Grade.OK]
        assert "hunter2" not in str(found)
        assert RANDOM not in str(found)

    def test_one_secret_for_two_things(self):
        found = check_keys(settings(SECRET_KEY=RANDOM, METRICS_TOKEN=RANDOM))

        assert Grade.FAULT in grades(found)

    def test_old_keys_are_to_go_some_day(self):
        found = check_keys(settings(SECRET_KEY=RANDOM, OLD_SECRET_KEYS=ANOTHER))

        assert grades(found) == [Grade.OK, Grade.WARNING]

    @pytest.mark.parametrize("old", [RANDOM, "a" * 32])
    def test_old_keys_that_are_bad(self, old):
        assert len(list(check_keys(settings(SECRET_KEY=RANDOM, OLD_SECRET_KEYS=old)))) == 3


class TestFiles:
    @pytest.mark.parametrize(
        ("mode", "grade"),
        [(0o600, Grade.OK), (0o640, Grade.WARNING), (0o644, Grade.FAULT), (0o602, Grade.FAULT)],
    )
    @pytest.mark.parametrize("name", [".env", "kept.secret"])
    def test_who_may_read_secrets(self, tmp_path, name, mode, grade):
        self.keep(tmp_path / name, mode)

        assert grades(self.check(tmp_path)) == [grade]

    def test_a_kept_secret_that_is_not_used_does_not_matter(self, tmp_path):
        self.keep(tmp_path / "kept.secret", 0o644)

        assert self.check(tmp_path, SECRET_KEY=RANDOM) == []

    def test_files_of_secrets_may_be_mounted_for_all(self, tmp_path):
        self.keep(tmp_path / "key", 0o444)

        found = self.check(tmp_path, SECRET_KEY_FILE=str(tmp_path / "key"))

        assert grades(found) == [Grade.WARNING]

    @pytest.mark.parametrize(
        ("free", "grade"),
        [(2 * 2**30, Grade.OK), (2**29, Grade.WARNING), (2**20, Grade.FAULT)],
    )
    def test_room_for_the_database(self, tmp_path, monkeypatch, free, grade):
        monkeypatch.setattr("shutil.disk_usage", lambda _: type("", (), {"free": free}))

        assert grades(self.check(tmp_path, tmp_path / "x.db")) == [grade]

    def test_no_place_for_the_database(self, tmp_path):
        assert grades(self.check(tmp_path, tmp_path / "no" / "x.db")) == [Grade.FAULT]

    def keep(self, file: Path, mode: int) -> None:
        file.write_text(RANDOM)
        file.chmod(mode)

    def check(self, home: Path, database: Path | None = None, **given: str) -> list[Finding]:
        named = {f"TICKETING_{name}": value for name, value in given.items()}
        of_home = Settings.from_env(named | {"TICKETING_HOME": str(home)})
        return list(check_files(of_home, named, database, home / "kept.secret"))


class TestPostgresql:
    SAFE = ServerSettings(
        major=18, version="18.1", now=NOW, is_replica=False, connections=97,
        fsync=True, synchronous_commit=True, full_page_writes=True,
    )  # fmt: skip

    @pytest.mark.parametrize(
        ("major", "grade"),
        [(13, Grade.WARNING), (14, Grade.OK), (18, Grade.OK), (19, Grade.WARNING)],
    )
    def test_versions(self, major, grade):
        assert version_of(major, f"{major}.1").grade is grade

    @pytest.mark.parametrize(
        ("seconds", "grade"),
        [(-2.1, Grade.FAULT), (-2, Grade.OK), (2, Grade.OK), (2.1, Grade.FAULT)],
    )
    def test_clocks(self, seconds, grade):
        assert clocks(timedelta(seconds=seconds)).grade is grade

    @pytest.mark.parametrize(
        ("of_worker", "workers", "servers", "grade"),
        [
            (2, 43, 1, Grade.OK),
            (3, 29, 1, Grade.OK),
            (4, 11, 2, Grade.WARNING),
            (97, 1, 1, Grade.WARNING),
            (7, 7, 2, Grade.FAULT),
        ],
    )
    def test_connections(self, of_worker, workers, servers, grade):
        assert connections(97, of_worker, workers, servers).grade is grade

    def test_safe_settings(self):
        assert grades(safety(self.SAFE, is_production=True)) == [Grade.OK]

    @pytest.mark.parametrize("name", ["fsync", "synchronous_commit", "full_page_writes"])
    def test_settings_that_may_lose_sales(self, name):
        off: dict[str, Any] = {name: False}
        unsafe = replace(self.SAFE, **off)

        [fault] = safety(unsafe, is_production=True)
        assert fault.grade is Grade.FAULT
        assert name in fault.remedy
        assert grades(safety(unsafe, is_production=False)) == [Grade.WARNING]
