"""The checks of ``ticketing doctor``."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOW, a_reset_message, an_offer_message
from ticketing import tracing
from ticketing.adapters.sql.postgresql.server_settings import ServerSettings
from ticketing.domain.messages.message import ShowCancelledMessage
from ticketing.entrypoints.cli.doctor.files import check_files
from ticketing.entrypoints.cli.doctor.findings import Finding, Severity
from ticketing.entrypoints.cli.doctor.messages import MAX_LISTED, check_messages
from ticketing.entrypoints.cli.doctor.servers import (
    check_clock,
    check_connections,
    check_durability,
    check_version,
)
from ticketing.entrypoints.cli.doctor.settings import (
    check_configuration,
    check_secrets,
    weakness_of,
)
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


def severities(found: Any) -> list[Severity]:
    return [finding.severity for finding in found]


def of_production(**changed: str) -> list[Finding]:
    return list(check_configuration(settings(**PRODUCTION | changed)))


class TestConfiguration:
    def test_a_complete_production_configuration(self):
        assert severities(of_production()) == [Severity.OK]

    def test_development_is_a_warning(self):
        assert severities(check_configuration(settings())) == [Severity.OK, Severity.WARNING]

    @pytest.mark.parametrize(
        ("changed", "severity", "word"),
        [
            ({"COLOUR": "red"}, Severity.WARNING, "TICKETING_COLOUR"),
            ({"PUBLIC_URL": "http://tickets.example.org"}, Severity.FAULT, "TLS"),
            ({"TRUSTED_PROXIES": ""}, Severity.WARNING, "TRUSTED_PROXIES"),
            ({"SMTP_URL": "", "MAIL_FROM": ""}, Severity.WARNING, "SMTP_URL"),
            ({"PASSWORD_MIN_LENGTH": "6"}, Severity.WARNING, "PASSWORD_MIN_LENGTH"),
            ({"COMMON_PASSWORDS": "allow"}, Severity.WARNING, "COMMON_PASSWORDS"),
            ({"RATELIMIT": "off"}, Severity.FAULT, "RATELIMIT"),
            ({"RATELIMIT_STORAGE": "memory", "WORKERS": "2"}, Severity.WARNING, "redis"),
        ],
    )
    def test_unwise_settings_have_a_remedy(self, changed, severity, word):
        [found] = of_production(**changed)

        assert found.severity is severity
        assert word in found.message + found.remedy
        assert found.remedy

    def test_the_public_url_is_needed_even_without_mails(self):
        no_mail = {"SMTP_URL": "", "MAIL_FROM": ""}
        found = of_production(PUBLIC_URL="", ALLOWED_HOSTS="a.example", **no_mail)

        assert severities(found) == [Severity.WARNING, Severity.WARNING]
        assert "TICKETING_PUBLIC_URL" in found[0].remedy

    def test_one_worker_needs_no_redis(self):
        assert severities(of_production(RATELIMIT_STORAGE="memory", WORKERS="1")) == [Severity.OK]

    def test_tracing_needs_its_libraries(self, monkeypatch):
        monkeypatch.setattr(tracing, "is_installed", lambda: False)

        assert severities(of_production(TRACING="on")) == [Severity.FAULT]


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
    def test_weak_keys(self, key, word):
        assert word in (weakness_of(key) or "")

    @pytest.mark.parametrize(
        "key",
        [RANDOM, "9f86d081884c7d659a2feaa0c55ad015", "correct-Horse.battery,staple-7-umbrella"],
    )
    def test_strong_keys(self, key):
        assert weakness_of(key) is None

    def test_each_secret_is_checked_and_none_is_printed(self):
        weak = "hunter2" * 6
        found = list(check_secrets(settings(SECRET_KEY=weak, METRICS_TOKEN=RANDOM)))

        assert severities(found) == [Severity.FAULT, Severity.OK]
        assert "hunter2" not in str(found)
        assert RANDOM not in str(found)

    def test_the_same_secret_twice(self):
        found = check_secrets(settings(SECRET_KEY=RANDOM, METRICS_TOKEN=RANDOM))

        assert Severity.FAULT in severities(found)

    def test_old_keys_are_a_warning(self):
        found = check_secrets(settings(SECRET_KEY=RANDOM, OLD_SECRET_KEYS=ANOTHER))

        assert severities(found) == [Severity.OK, Severity.WARNING]

    @pytest.mark.parametrize("old", [RANDOM, "a" * 32])
    def test_weak_or_current_old_keys(self, old):
        assert len(list(check_secrets(settings(SECRET_KEY=RANDOM, OLD_SECRET_KEYS=old)))) == 3


class TestMessages:
    def findings(self, transactions, queries, *messages):
        for message in messages:
            transactions(lambda uow, message=message: uow.outbox.add(message))
        return list(check_messages(queries.messages))

    def test_nothing_is_late(self, transactions, queries):
        found = self.findings(transactions, queries, a_reset_message(), an_offer_message())

        assert severities(found) == [Severity.OK]

    def test_each_failed_message_is_listed_without_names(self, transactions, queries):
        cancelled = ShowCancelledMessage(
            id="x", show_id=5, account_id=7, created_at=NOW, next_attempt_at=NOW, failed_at=NOW
        )
        failed = an_offer_message(8, 9, failed_at=NOW), a_reset_message(failed_at=NOW)
        found = self.findings(transactions, queries, cancelled, *failed)

        assert severities(found) == [Severity.WARNING] * 3
        assert {finding.message for finding in found} == {
            f"{what} could not be sent for a day from 2026-05-04 on."
            for what in (
                "The cancellation of show 5 to account 7",
                "An offer for show 8 to account 9",
                "A link to reset a password",
            )
        }

    def test_many_failed_messages_are_counted(self, transactions, queries):
        failed = [an_offer_message(show, failed_at=NOW) for show in range(MAX_LISTED + 2)]
        found = self.findings(transactions, queries, *failed)

        assert len(found) == MAX_LISTED + 1
        assert found[-1].message == "2 more could not be sent."

    def test_messages_that_wait_after_several_attempts_are_a_warning(self, transactions, queries):
        waiting = [a_reset_message(attempts=attempts) for attempts in range(3)]
        [found] = self.findings(transactions, queries, *waiting)

        assert found.severity is Severity.WARNING
        assert found.message.startswith("1 of 3 waiting messages ")


class TestFiles:
    @pytest.mark.parametrize(
        ("mode", "severity"),
        [
            (0o600, Severity.OK),
            (0o640, Severity.WARNING),
            (0o644, Severity.FAULT),
            (0o602, Severity.FAULT),
        ],
    )
    @pytest.mark.parametrize("name", [".env", "kept.secret"])
    def test_permissions_of_secret_files(self, tmp_path, name, mode, severity):
        self.keep(tmp_path / name, mode)

        assert severities(self.check(tmp_path)) == [severity]

    def test_an_unused_kept_secret_is_not_checked(self, tmp_path):
        self.keep(tmp_path / "kept.secret", 0o644)

        assert self.check(tmp_path, SECRET_KEY=RANDOM) == []

    def test_mounted_secret_files_may_be_readable(self, tmp_path):
        self.keep(tmp_path / "key", 0o444)

        found = self.check(tmp_path, SECRET_KEY_FILE=str(tmp_path / "key"))

        assert severities(found) == [Severity.WARNING]

    @pytest.mark.parametrize(
        ("free", "severity"),
        [(2 * 2**30, Severity.OK), (2**29, Severity.WARNING), (2**20, Severity.FAULT)],
    )
    def test_disk_space(self, tmp_path, monkeypatch, free, severity):
        monkeypatch.setattr("shutil.disk_usage", lambda _: type("", (), {"free": free}))

        assert severities(self.check(tmp_path, tmp_path / "x.db")) == [severity]

    def test_a_missing_directory(self, tmp_path):
        assert severities(self.check(tmp_path, tmp_path / "no" / "x.db")) == [Severity.FAULT]

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
        ("major", "severity"),
        [(13, Severity.WARNING), (14, Severity.OK), (18, Severity.OK), (19, Severity.WARNING)],
    )
    def test_versions(self, major, severity):
        assert check_version(major, f"{major}.1").severity is severity

    @pytest.mark.parametrize(
        ("seconds", "severity"),
        [(-2.1, Severity.FAULT), (-2, Severity.OK), (2, Severity.OK), (2.1, Severity.FAULT)],
    )
    def test_clocks(self, seconds, severity):
        assert check_clock(timedelta(seconds=seconds)).severity is severity

    @pytest.mark.parametrize(
        ("per_worker", "workers", "servers", "severity"),
        [
            (2, 43, 1, Severity.OK),
            (3, 29, 1, Severity.OK),
            (4, 11, 2, Severity.WARNING),
            (97, 1, 1, Severity.WARNING),
            (7, 7, 2, Severity.FAULT),
        ],
    )
    def test_connections(self, per_worker, workers, servers, severity):
        assert check_connections(97, per_worker, workers, servers).severity is severity

    def test_connections_of_a_citus_node(self):
        """As measured: 16 threads made 33 on each node."""
        found = check_connections(43, 16, 1, 1, is_distributed=True)
        assert found.severity is Severity.OK
        assert "Up to 33 connections" in found.message
        assert "on each Citus node (16 x 1 workers x 1 servers x 2 + 1)" in found.message
        for allowed, severity in ((42, Severity.WARNING), (32, Severity.FAULT)):
            finding = check_connections(allowed, 16, 1, 1, is_distributed=True)
            assert finding.severity is severity

    def test_safe_settings(self):
        assert severities(check_durability(self.SAFE, is_production=True)) == [Severity.OK]

    @pytest.mark.parametrize("name", ["fsync", "synchronous_commit", "full_page_writes"])
    def test_settings_that_may_lose_sales(self, name):
        off: dict[str, Any] = {name: False}
        unsafe = replace(self.SAFE, **off)

        [fault] = check_durability(unsafe, is_production=True)
        assert fault.severity is Severity.FAULT
        assert name in fault.remedy
        assert severities(check_durability(unsafe, is_production=False)) == [Severity.WARNING]
