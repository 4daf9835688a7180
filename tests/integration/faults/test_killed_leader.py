"""The thread that leads a batch of sales is killed, or one that waits loses its client."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.integration.faults.http_connection import TIMEOUT_SECONDS, HttpConnection
from tests.integration.faults.invariants import check_invariants
from tests.integration.faults.ledger import BookingRequest, Outcome, is_replay
from tests.integration.faults.on_sale import SETTINGS, Customer, OnSale
from tests.integration.running_server import Answer, RunningServer, running_server

GATES = """
    CREATE SEQUENCE batches;
    CREATE SEQUENCE sales_of_batch MINVALUE 0;
    CREATE FUNCTION count_batch() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$ BEGIN
        PERFORM setval('sales_of_batch', (SELECT count(*) FROM sold));
        PERFORM nextval('batches');
        {before_commit}
        RETURN NULL;
    END $$;
    CREATE FUNCTION pass_gate() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$ BEGIN
        {pass_gate}
        RETURN NULL;
    END $$;
    CREATE TRIGGER count_batch AFTER INSERT ON bookings REFERENCING NEW TABLE AS sold
        EXECUTE FUNCTION count_batch();
    CREATE CONSTRAINT TRIGGER pass_gate AFTER INSERT ON bookings DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION pass_gate();
    SELECT pg_advisory_lock(gate) FROM generate_series(1, 20) AS gate;
"""
PASS_GATE = "PERFORM pg_advisory_xact_lock(currval('batches'));"
NO_GATES = """
    SELECT pg_advisory_unlock_all();
    DROP FUNCTION count_batch, pass_gate CASCADE;
    DROP SEQUENCE batches, sales_of_batch
"""
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event = 'advisory' AND datname = current_database()
"""


@pytest.fixture
def database_url(postgresql: str) -> str:
    return postgresql


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[RunningServer]:
    """One process, in which all sales share batches."""
    settings = {"DATABASE_URL": database_url, **SETTINGS}
    serve = ("serve", "--workers", "1", "--threads", "16")
    with running_server(tmp_path, *serve, **settings) as server:
        yield server
        assert "Traceback" not in server.printed, server.printed


class Gates:
    """Batches wait in PostgreSQL, before their COMMIT or while it is executed."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def wait_for_batch(self) -> int:
        """Return how many sales the batch has that waits."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while self._ask(WAITING) == 0:
            assert time.monotonic() < deadline, "no batch comes"
            time.sleep(0.005)
        return int(self._ask("SELECT last_value FROM sales_of_batch"))

    def open_next(self) -> None:
        self._ask("SELECT pg_advisory_unlock(last_value) FROM batches")

    def wait_for_batch_of_several(self) -> int:
        """Let smaller batches through."""
        while (sales := self.wait_for_batch()) == 1:
            passed = self._ask("SELECT last_value FROM batches")
            self.open_next()
            while self._ask("SELECT last_value FROM batches") == passed:
                time.sleep(0.005)
        return sales

    def open_all(self) -> None:
        self._ask("SELECT pg_advisory_unlock_all()")

    def _ask(self, query: str) -> Any:
        self._session.execute(query)
        return self._session.fetchone()[0]


class Buyer:
    """Books one seat by a connection of its own, with an idempotency key."""

    def __init__(self, server: RunningServer, sale: OnSale, customer: Customer, seat: int) -> None:
        self.order = BookingRequest(customer.account_id, (seat,), key="one order")
        self.connection = HttpConnection(server.port, customer.token, lambda _: None)
        self._path = f"/api/shows/{sale.show.id}/book"

    def book(self) -> Answer | None:
        body = {"seats": self.order.seats}
        answer = self.connection.call("POST", self._path, body, self.order.key)
        self.order.record_booking(answer)
        return answer

    def settle(self) -> Answer:
        """Repeat the request until it is answered."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while (answer := self.book()) is None or answer.status == 503:
            assert time.monotonic() < deadline
        return answer

    def hang_up(self, port: int, token: str) -> None:
        """Send the request, and do not wait for the answer."""
        body = f'{{"seats": [{self.order.seats[0]}]}}'
        head = (
            f"POST {self._path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            f"Idempotency-Key: {self.order.key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(head.encode())
        self.order.booked = Outcome.UNKNOWN


class TestBatches:
    @pytest.fixture
    def gates(self, request, database_url, server, sale):
        with closing(psycopg2.connect(database_url)) as connection:
            connection.autocommit = True
            session = connection.cursor()
            before = PASS_GATE if getattr(request, "param", "") == "before" else ""
            session.execute(GATES.format(before_commit=before, pass_gate=PASS_GATE))
            yield Gates(session)
            session.execute(NO_GATES)

    @pytest.fixture
    def buyers(self, server, sale):
        buyers = [
            Buyer(server, sale, customer, seat)
            for seat, customer in enumerate(sale.customers, start=1)
        ]
        yield buyers
        for buyer in buyers:
            buyer.connection.close()

    @pytest.fixture
    def threads(self):
        with ThreadPoolExecutor(16) as threads:
            yield threads

    @pytest.mark.parametrize(
        ("gates", "is_committed"),
        [("before", False), ("after", True)],
        ids=["before the COMMIT", "after it"],
        indirect=["gates"],
    )
    def test_a_worker_that_is_killed_while_it_leads(
        self, server, sale, gates, buyers, threads, is_committed
    ):
        booking = self.start(server, gates, buyers, threads)
        sales = gates.wait_for_batch_of_several()
        os.kill(server.workers()[0], signal.SIGKILL)
        answers = [each.result(TIMEOUT_SECONDS) for each in booking]
        assert answers.count(None) >= sales
        gates.open_all()
        settled = [buyer.settle() for buyer in buyers]
        assert [answer.status for answer in settled] == [201] * len(buyers)
        unknown = [is_replay(new) for new, old in zip(settled, answers, strict=True) if old is None]
        assert unknown.count(True) == (sales if is_committed else 0)
        self.check(sale, buyers)

    def test_a_client_that_hangs_up_while_its_sale_waits(
        self, server, sale, gates, buyers, threads
    ):
        *others, absent = buyers
        booking = self.start(server, gates, others, threads)
        absent.hang_up(server.port, sale.customers[-1].token)
        gates.wait_for_batch_of_several()
        gates.open_all()
        answers = [each.result(TIMEOUT_SECONDS) for each in booking]
        assert [answer and answer.status for answer in answers] == [201] * len(others)
        check_invariants([buyer.order for buyer in buyers], sale.stored())
        assert absent.settle().status == 201
        self.check(sale, buyers)

    def start(
        self, server: RunningServer, gates: Gates, buyers: list[Buyer], threads: ThreadPoolExecutor
    ) -> "list[Future[Answer | None]]":
        """Start the others when the first buyer's batch waits."""
        first = threads.submit(buyers[0].book)
        assert gates.wait_for_batch() == 1
        booking = [first, *(threads.submit(buyer.book) for buyer in buyers[1:])]
        assert server.call("GET", "/api/movies").status == 200  # behind them in the same queue
        return booking

    def check(self, sale: OnSale, buyers: list[Buyer]) -> None:
        """Each has one booking, also after one more repeat."""
        for buyer in buyers:
            assert is_replay(buyer.settle())
        check_invariants([buyer.order for buyer in buyers], sale.stored())
        assert sale.stored().sold == {seat for buyer in buyers for seat in buyer.order.seats}
        assert len(sale.stored().bookings) == len(buyers)
