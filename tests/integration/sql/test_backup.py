"""A backup during a sale is consistent: it can be restored, and sales continue."""

import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from threading import Condition, Event

import pytest
from sqlalchemy import select

from tests.builders import SALES_GRACE, Clock, a_show, put_on
from tests.integration.databases import migrate, new_database, opened
from tests.integration.postgresql_server import PostgresqlServer
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.tables import bookings, show_seats
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import Show
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy

MANUAL = Path(__file__).parents[3] / "docs" / "operations.md"
SEATS_TO_WAIT_FOR = 20
SELLERS = 4
PLAN = plain_grid(20_000, 100)


class Sale:
    """Each seller sells one seat after the other until the end."""

    def __init__(self, database: Database) -> None:
        transactions = SqlTransactions(database, Clock())
        self.show: Show = put_on(transactions, a_show(plan=PLAN))
        self.confirmed: set[int] = set()
        self._bookings = BookingService(transactions, SalesPolicy(SALES_GRACE))
        self._seats = count(1)
        self._changed = Condition()
        self._ended = Event()

    def wait_for_sales(self, seats: int = SEATS_TO_WAIT_FOR) -> None:
        """Wait until that many more seats are sold."""
        with self._changed:
            enough = len(self.confirmed) + seats
            assert self._changed.wait_for(lambda: len(self.confirmed) >= enough, 30)

    @contextmanager
    def on(self) -> Iterator[None]:
        with ThreadPoolExecutor(SELLERS) as sellers:
            selling = [sellers.submit(self._sell) for _ in range(SELLERS)]
            try:
                self.wait_for_sales()
                yield
                self.wait_for_sales()
            finally:
                self._ended.set()
        for each in selling:
            each.result()

    def sell(self) -> int:
        """Sell one more seat to its own buyer; return the booking's id."""
        seat = next(self._seats)
        return self._bookings.book(self.show.id, [seat], AccountId(seat)).id

    def _sell(self) -> None:
        while not self._ended.is_set():
            booking_id = self.sell()
            with self._changed:
                self.confirmed.add(booking_id)
                self._changed.notify_all()


def vacuum_into(original: Path, backup: Path) -> None:
    with closing(sqlite3.connect(original)) as connection:
        connection.execute("VACUUM INTO ?", [str(backup)])


def online_backup(original: Path, backup: Path) -> None:
    with closing(sqlite3.connect(original)) as source, closing(sqlite3.connect(backup)) as copy:
        source.backup(copy)


@pytest.mark.parametrize("back_up", [vacuum_into, online_backup])
def test_sqlite(sqlite_url: str, tmp_path: Path, back_up: Callable[[Path, Path], None]) -> None:
    backup = tmp_path / "backup.db"
    with opened(sqlite_url) as database:
        sale = Sale(database)
        with sale.on():
            before = set(sale.confirmed)
            back_up(tmp_path / "ticketing.db", backup)

    with closing(sqlite3.connect(backup)) as connection, connection:
        connection.execute(statement_of_the_manual("sqlite_sequence"))
    check(f"sqlite:///{backup}", before, sale)


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    """A server whose programs are installed here, whatever server the other tests use."""
    with PostgresqlServer() as server:
        yield server


def test_postgresql(server: PostgresqlServer, tmp_path: Path) -> None:
    dump = tmp_path / "ticketing.dump"
    with new_database(server) as url, new_database(server) as restored:
        migrate(url)
        with opened(url) as database:
            sale = Sale(database)
            with sale.on():
                before = set(sale.confirmed)
                run(server.program("pg_dump"), "--format=custom", f"--file={dump}", url)

        run(server.program("pg_restore"), "--exit-on-error", f"--dbname={restored}", dump)
        run(server.program("psql"), "-c", statement_of_the_manual("setval"), restored)
        check(restored, before, sale)


def run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def statement_of_the_manual(word: str) -> str:
    """The command of the documentation that contains ``word``, run after restoring."""
    blocks = re.findall(r"```sql\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    [statement] = [block for block in blocks if word in block]
    return str(statement)


def check(url: str, before: set[int], sale: Sale) -> None:
    """All bookings confirmed before the backup exist, each is complete, and sales continue."""
    with opened(url) as database:
        assert schema.is_current(database.engine)
        with database.engine.connect() as connection:
            made = connection.execute(select(bookings.c.id, bookings.c.seat_numbers)).all()
            sold = connection.execute(
                select(show_seats.c.booking_id, show_seats.c.number).where(
                    show_seats.c.booking_id.is_not(None)
                )
            ).all()
        kept = {booking.id for booking in made}
        assert before <= kept < sale.confirmed
        assert {(row.id, number) for row in made for number in row.seat_numbers} == {
            (row.booking_id, row.number) for row in sold
        }
        resold = Sale(database).sell()
    assert resold > max(sale.confirmed), "an id that was lost with the old database is used again"
