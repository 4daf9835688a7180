"""Faults of an SQLite file, and their outcome."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import event

from tests.builders import a_movie, a_show, put_on
from tests.contracts.fixtures import ALL
from tests.integration.databases import opened
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.sqlite import database as sqlite
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.errors import Busy, StorageFull
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid

NO_RETRY_SECONDS = 0.0


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def file(database):
    return database.file


@pytest.fixture
def other_program(file):
    """Another program that writes without waiting for its turn."""
    with closing(
        sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    ) as other_program:
        other_program.execute("BEGIN IMMEDIATE")
        yield other_program


@pytest.fixture
def short_busy_timeout(database):
    """Each attempt fails after 10 ms rather than two seconds."""
    event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=10"))


@pytest.fixture
def work():
    """Adds a movie, and counts its calls."""

    class Work:
        calls = 0

        def __call__(self, uow):
            self.calls += 1
            return uow.movies.add(a_movie())

    return Work()


@pytest.mark.usefixtures("short_busy_timeout")
def test_a_write_is_retried_while_another_program_writes(database, other_program, work):
    pauses = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            other_program.execute("ROLLBACK")

    assert SqlTransactions(database, retry=Retry(sleep=sleep))(work).id
    assert (len(pauses), work.calls) == (3, 1)


@pytest.mark.usefixtures("short_busy_timeout", "other_program")
def test_a_file_that_another_program_keeps_locked_is_busy(database, work):
    with pytest.raises(Busy) as refusal:
        SqlTransactions(database, retry=Retry(0.1))(work)
    assert refusal.value.repeatable
    assert work.calls == 0


def test_a_file_that_cannot_be_opened_for_a_while_is_retried(database, file, work):
    aside = file.rename(f"{file}.aside")
    file.mkdir()
    pauses = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            file.rmdir()
            aside.rename(file)

    assert SqlTransactions(database, retry=Retry(sleep=sleep))(work).id
    assert (len(pauses), work.calls) == (3, 1)


@pytest.mark.usefixtures("other_program")
def test_a_reader_does_not_wait_for_a_writer(queries):
    assert queries.programme.movies("", ALL).total == 0


def test_a_turn_that_another_process_keeps_is_busy(monkeypatch, database, file, work):
    monkeypatch.setattr(sqlite, "MAX_WAIT_SECONDS", 0.05)
    with FileLock(f"{file}.turn"), pytest.raises(Busy):
        SqlTransactions(database, retry=Retry(NO_RETRY_SECONDS))(work)
    assert SqlTransactions(database)(work).id
    assert work.calls == 1


def test_a_turn_that_another_thread_keeps_is_busy(monkeypatch, database, work):
    monkeypatch.setattr(sqlite, "MAX_WAIT_SECONDS", 0.05)

    def elsewhere():
        with pytest.raises(Busy):
            SqlTransactions(database, retry=Retry(NO_RETRY_SECONDS))(work)

    with ThreadPoolExecutor(1) as other, database.write_turn():
        other.submit(elsewhere).result()
    assert SqlTransactions(database)(work).id


@pytest.mark.parametrize(
    "pragma",
    [
        pytest.param("PRAGMA query_only=ON", id="read-only"),
        pytest.param("PRAGMA max_page_count=1", id="full"),
    ],
)
def test_a_full_or_read_only_disk_is_reported_at_once(database, queries, pragma):
    event.listen(database.engine, "connect", lambda raw, _: raw.execute(pragma))
    pauses: list[float] = []
    with pytest.raises(StorageFull):
        put_on(
            SqlTransactions(database, retry=Retry(sleep=pauses.append)),
            a_show(plan=plain_grid(20_000)),
        )
    assert pauses == []
    assert queries.programme.movies("", ALL).total == 0
    with opened(f"sqlite:///{database.file}") as reopened:
        assert SqlTransactions(reopened)(lambda uow: uow.movies.add(a_movie())).id


def test_a_folder_that_is_not_writable_is_reported_at_once(database, file, work):
    Path(f"{file}.turn").mkdir()
    with pytest.raises(StorageFull):
        SqlTransactions(database)(work)
    assert work.calls == 0


def test_a_file_that_is_no_database_is_a_bug(tmp_path, work):
    file = tmp_path / "letter.db"
    file.write_text("Dear all, " * 100)
    with opened(f"sqlite:///{file}") as database, pytest.raises(Exception) as failure:
        SqlTransactions(database)(work)
    assert not isinstance(failure.value, Busy)
