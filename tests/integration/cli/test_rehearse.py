"""Rehearsals against a real server: what they detect, and that they leave no rows behind."""

import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, select, update

from tests.builders import a_movie, a_screen, a_show, put_on, register, sold_at_once
from tests.integration.databases import opened
from tests.integration.running_server import (
    RunningServer,
    running_server,
    spawn,
)
from ticketing.adapters.passwords import Argon2Hasher
from ticketing.adapters.sql.tables import bookings, metadata, show_seats
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.rehearsal.rehearsal_service import RehearsalService
from ticketing.entrypoints.cli.main import cli
from ticketing.entrypoints.cli.rehearse import command
from ticketing.entrypoints.cli.rehearse.load_generator import sold_seats
from ticketing.settings import Settings

KEY = token_hex(20)
TIMEOUT_SECONDS = 60.0  # seconds
INVARIANTS = {
    "seats sold twice",
    "confirmed but missing",
    "sold but never confirmed",
    "cancelled but still active",
    "sent twice and booked twice",
    "seats and bookings differ",
    "seat map and bookings differ",
}
BROKEN_BY = {
    ("confirmed but missing", "seat map and bookings differ"): lambda connection, booking_id: (
        connection.execute(
            update(show_seats).where(show_seats.c.booking_id == booking_id).values(booking_id=None)
        ),
        connection.execute(delete(bookings).where(bookings.c.id == booking_id)),
    ),
    ("seats and bookings differ",): lambda connection, booking_id: connection.execute(
        update(show_seats).where(show_seats.c.booking_id == booking_id).values(booking_id=None)
    ),
}


@pytest.fixture(params=["sqlite_url", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def show(transactions, clock):
    """A show tomorrow in real time, with a booking."""
    clock.now = datetime.now(UTC)
    starts_at = clock.now + timedelta(days=1)
    show = put_on(transactions, a_show(starts_at=starts_at, plan=plain_grid(50)))
    customer = register(transactions, "rehearsal-00001")

    def sell(uow):
        kept, seats, _ = uow.seats.lock(show.id, [1], show.plan)
        return uow.bookings.add(sold_at_once(kept, seats, customer, clock.now))

    transactions(sell)
    return show


@pytest.fixture
def server(database_url: str, tmp_path: Path, show: object) -> Iterator[RunningServer]:
    args = ("serve", "--workers", "1", "--threads", "4")
    with running_server(tmp_path, *args, DATABASE_URL=database_url, SECRET_KEY=KEY) as server:
        yield server


def everything_in(database):
    """Read all rows of all tables, but for seat plans, which are kept."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in metadata.sorted_tables
            if table.name != "seat_plans"
        }


@pytest.fixture
def everything(database):
    return partial(everything_in, database)


@pytest.fixture
def rehearse_at(database_url):
    """Run the command in this process, by default with the settings of the server."""

    def run(url: str, *args: str, **settings: str) -> Result:
        named = {"DATABASE_URL": database_url, "SECRET_KEY": KEY, **settings}
        with_prefix = {f"TICKETING_{name}": value for name, value in named.items()}
        command = ["rehearse", "--url", url, "--customers", "60", *args]
        return CliRunner().invoke(
            cli, command, obj=Settings.from_env(with_prefix), prog_name="ticketing"
        )

    return run


@pytest.fixture
def rehearse(rehearse_at, server):
    return partial(rehearse_at, server.url)


def counted(result: Result) -> dict[str, str]:
    """The first number of each line of the report."""
    lines = (line.strip().split("  ", 1) for line in result.stdout.splitlines())
    return {line[0]: line[1].split()[0] for line in lines if len(line) == 2 and line[1].strip()}


def test_a_rehearsal_sells_a_copy_and_leaves_no_rows_behind(everything, rehearse, show):
    before = everything()

    result = rehearse("--show", str(show.id), "--seed", "7")

    assert result.exit_code == 0, result.output
    assert "OK:" in result.stdout.splitlines()[-1]
    counts = counted(result)
    assert {counts[invariant] for invariant in INVARIANTS} == {"0"}
    assert int(counts["Seats"]) > 25
    assert int(counts["Bookings confirmed"]) > 10
    assert "--seed 7" in result.stdout
    assert re.search(r"^ *[A-Z]  .*#", result.stdout, re.MULTILINE)  # the seat map
    assert "Served: 60 of 60 customers" in result.stderr
    assert everything() == before


@pytest.mark.parametrize("database_url", ["sqlite_url"], indirect=True)
def test_without_a_show_a_temporary_one_is_created(everything, rehearse):
    before = everything()

    result = rehearse("--seats", "23", "--at-once", "5")

    assert result.exit_code == 0, result.output
    assert " of 23" in result.stdout
    assert everything() == before


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_copy_that_was_left_behind_can_be_rehearsed_and_is_removed(
    everything, rehearse, transactions, show
):
    before = everything()
    left = put_on(transactions, replace(show, rehearsal=True))

    result = rehearse("--show", str(left.id))

    assert result.exit_code == 0, result.output
    assert f"show {left.id}\n" in result.stdout
    assert everything() == before


@pytest.mark.parametrize(
    ("database_url", "broken"),
    list(zip(["sqlite_url", "postgresql"], BROKEN_BY, strict=True)),
    indirect=["database_url"],
)
def test_broken_invariants_are_detected(everything, rehearse, database, show, monkeypatch, broken):
    before = everything()

    def tampered(url, rehearsed, measurements):
        shown = sold_seats(url, rehearsed, measurements)
        booked = select(show_seats.c.booking_id).where(
            show_seats.c.show_id != show.id, show_seats.c.booking_id.is_not(None)
        )
        with database.engine.begin() as connection:
            BROKEN_BY[broken](connection, connection.scalars(booked).first())
        return shown

    monkeypatch.setattr(command, "sold_seats", tampered)

    result = rehearse("--show", str(show.id))

    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1].startswith("BROKEN")
    counts = counted(result)
    assert {name for name in INVARIANTS if counts[name] != "0"} == set(broken)
    assert everything() == before


@pytest.mark.parametrize("database_url", ["sqlite_url"], indirect=True)
def test_a_seat_map_that_cannot_be_fetched_shows_no_sold_seats(server, show):
    assert sold_seats(server.url, show, []) == {1}
    assert sold_seats(server.url, replace(show, id=ShowId(99)), []) == set()


class Ready(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()


@pytest.fixture
def ready_server() -> Iterator[str]:
    """A server that answers every request with 200."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Ready) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("database_url", ["sqlite_url"], indirect=True)
class TestWrongServer:
    def refused(self, result: Result) -> str:
        assert result.exit_code == 1
        return result.stderr

    def test_another_key(self, everything, rehearse, show):
        before = everything()
        message = self.refused(rehearse("--show", str(show.id), SECRET_KEY=token_hex(20)))
        assert "TICKETING_SECRET_KEY" in message
        assert everything() == before

    def test_another_database(
        self, everything, rehearse, transactions, show, sqlite_template, tmp_path, monkeypatch
    ):
        """A real show and a real customer have the ids of the rehearsal's there.

        The difference is noticed before the show is copied and customers are invited.
        """
        for name in ("on", "invite"):
            monkeypatch.setattr(RehearsalService, name, None)
        put_on(transactions, replace(show, starts_at=show.starts_at + timedelta(days=1)))
        other = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'other.db')}"
        with opened(other) as database:
            here = put_on(SqlTransactions(database), a_show(starts_at=show.starts_at))
            before, other_before = everything(), everything_in(database)
            result = rehearse("--show", str(here.id), DATABASE_URL=other)
            assert "another database" in self.refused(result)
            assert (everything(), everything_in(database)) == (before, other_before)

    def test_no_server(self, everything, rehearse_at, show):
        before = everything()
        message = self.refused(rehearse_at("http://127.0.0.1:9", "--show", str(show.id)))
        assert "No server answers" in message
        assert everything() == before

    @pytest.mark.parametrize(
        ("status", "remedy"), [(400, "TICKETING_ALLOWED_HOSTS"), (429, "TICKETING_RATELIMIT=off")]
    )
    def test_a_server_that_refuses_requests(
        self, rehearse_at, ready_server, show, monkeypatch, status, remedy
    ):
        monkeypatch.setattr(Ready, "status", status)
        assert remedy in self.refused(rehearse_at(ready_server))

    def test_no_such_show(self, rehearse_at, ready_server, show):
        message = self.refused(rehearse_at(ready_server, "--show", str(show.id + 99)))
        assert "no such show" in message

    def test_a_show_that_is_not_on_sale(self, rehearse_at, ready_server, transactions, show):
        off = put_on(transactions, replace(show, cancelled_at=show.starts_at))
        assert "no on-sale" in self.refused(rehearse_at(ready_server, "--show", str(off.id)))

    def test_a_server_that_sells_nothing(self, everything, rehearse, show, monkeypatch):
        """Its show is cancelled before the first customer arrives."""
        before = everything()
        invite = RehearsalService.invite

        def cancel_first(service, rehearsal, customers, progress):
            def work(uow):
                cancelled = uow.shows.lock(rehearsal.show.id).cancelled(uow.now())
                uow.shows.save(cancelled)

            service._transact(work)
            return invite(service, rehearsal, customers, progress)

        monkeypatch.setattr(RehearsalService, "invite", cancel_first)
        result = rehearse("--show", str(show.id))
        assert result.exit_code == 1
        assert result.stdout.splitlines()[-1] == "NOTHING WAS SOLD."
        assert int(counted(result)["sales_closed"]) > 0
        assert everything() == before


@pytest.fixture
def under_way(database, database_url, server, show, tmp_path):
    """A rehearsal in another process that has started to sell."""
    args = ("--customers", "500", "--url", server.url, "--show", str(show.id))
    process = spawn(tmp_path, "rehearse", *args, DATABASE_URL=database_url, SECRET_KEY=KEY)
    sold = select(bookings.c.id).where(bookings.c.show_id != show.id).limit(1)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    try:
        while True:
            assert process.poll() is None and time.monotonic() < deadline, server.printed
            with closing(database.engine.connect()) as connection:
                if connection.scalar(sold):
                    break
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_stopped_rehearsal_cleans_up(request, everything, show, how):
    before = everything()
    process: subprocess.Popen[bytes] = request.getfixturevalue("under_way")

    process.send_signal(how)

    assert process.wait(TIMEOUT_SECONDS) == 1
    assert everything() == before


@pytest.mark.parametrize("database_url", ["sqlite_url"], indirect=True)
def test_rows_of_a_killed_rehearsal_are_cleaned_up_later(
    request, everything, show, rehearse, server, tmp_path
):
    before = everything()
    process: subprocess.Popen[bytes] = request.getfixturevalue("under_way")
    process.kill()
    process.wait()
    assert everything() != before
    server.stop(signal.SIGINT)  # once it has finished the requests in progress

    result = rehearse("--clean-up")

    assert result.exit_code == 0
    assert result.stdout == "Removed 1 shows and 500 accounts of rehearsals.\n"
    assert everything() == before


def test_the_customers_of_a_rehearsal_cannot_log_in():
    assert not Argon2Hasher().verify("", "!rehearsal-ab12")
    assert not Argon2Hasher().verify("!rehearsal-ab12", "!rehearsal-ab12")


class TestWithoutServer:
    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    def test_seats_cannot_be_combined_with_a_show(self, rehearse_at):
        result = rehearse_at("http://127.0.0.1:9", "--show", "1", "--seats", "5")
        assert result.exit_code == 2
        assert "--seats" in result.stderr

    @pytest.mark.parametrize("url", ["localhost:8000", "ftp://x", "http://", "http://x:y"])
    def test_an_invalid_url(self, rehearse_at, url):
        result = rehearse_at(url)
        assert result.exit_code == 2
        assert "--url" in result.stderr

    def test_clean_up_needs_no_server(self, rehearse_at, everything, transactions):
        show = put_on(transactions, a_show())
        before = everything()
        service = RehearsalService(transactions)
        service.invite(service.on(show), 3, lambda done: None)
        result = rehearse_at("http://127.0.0.1:9", "--clean-up")
        assert result.stdout == "Removed 1 shows and 3 accounts of rehearsals.\n"
        assert everything() == before

    @pytest.mark.parametrize("existing", ["movie", "screen"])
    def test_a_movie_and_a_screen_are_required(
        self, rehearse_at, transactions, existing, ready_server
    ):
        if existing == "movie":
            transactions(lambda uow: uow.movies.add(a_movie()))
        else:
            transactions(lambda uow: uow.screens.add(a_screen()))
        result = rehearse_at(ready_server)
        assert result.exit_code == 1
        assert "import a programme first" in result.stderr
