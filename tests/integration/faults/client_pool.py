"""Customers who act at the same time, while faults are injected."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Condition, Event
from typing import Self

from tests.integration.faults.client import Client
from tests.integration.faults.holding_client import HoldingClient
from tests.integration.faults.http_connection import TIMEOUT_SECONDS
from tests.integration.faults.invariants import check_invariants
from tests.integration.faults.ledger import BookingRequest
from tests.integration.faults.on_sale import CUSTOMERS, SEATS, OnSale
from ticketing.domain.sales.selling import MAX_SEATS_PER_BOOKING

MAX_REQUESTS = 2000
"""Requests of one customer."""

KINDS: list[type[Client]] = [Client] * (CUSTOMERS - 3) + [HoldingClient] * 3

CONFIRMED = "201"


class ClientPool:
    """A client for each customer, each with its own random numbers, derived from ``seed``."""

    def __init__(self, port: int, on_sale: OnSale, seed: int | None = None) -> None:
        seed = random.randrange(10**6) if seed is None else seed
        print(f"the pool's seed is {seed}")
        self._on_sale = on_sale
        self._counts: Counter[str] = Counter()
        self._changed = Condition()
        self._ended = Event()
        self._clients = [
            kind(port, customer, on_sale.show.id, random.Random(f"{seed} {turn}"), self._count)
            for turn, (kind, customer) in enumerate(zip(KINDS, on_sale.customers, strict=True))
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()

    @property
    def requests(self) -> list[BookingRequest]:
        """The requests of all clients."""
        return [request for client in self._clients for request in client.requests]

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Let all clients send requests until the block ends. Raises the error of any client."""
        self._ended.clear()
        with ThreadPoolExecutor(len(self._clients)) as threads:
            self._acting = [threads.submit(self._act, client) for client in self._clients]
            try:
                yield
            finally:
                self._ended.set()
                for acting in self._acting:
                    acting.result()

    def until(self, answer: str, times: int = 1) -> None:
        """Wait for that many more responses of this kind: a status, or a refusal's code."""
        with self._changed:
            enough = self._counts[answer] + times
            self._changed.wait_for(
                lambda: self._counts[answer] >= enough or self._ended.is_set(), TIMEOUT_SECONDS
            )
            assert self._counts[answer] >= enough, f"too few {answer}: {self._counts}"

    def check(self) -> None:
        """Resolve unknown outcomes, and check that the store matches all responses."""
        with ThreadPoolExecutor(len(self._clients)) as threads:
            list(threads.map(lambda client: client.settle(), self._clients))
        self._check_store()
        self._sell_out()
        assert len(self._check_store()) == SEATS

    def _check_store(self) -> set[int]:
        """Return the sold seats."""
        store = self._on_sale.stored()
        assert store.seats.keys() == set(range(1, SEATS + 1))
        assert self._clients[0].sold() == store.sold
        check_invariants(self.requests, store)
        return store.sold

    def _sell_out(self) -> None:
        """Check that all free seats can be sold, also those that were just cancelled."""
        canceller, buyer = self._clients[:2]
        canceller.cancel_all()
        free = sorted(self._on_sale.stored().seats.keys() - self._on_sale.stored().sold)
        for start in range(0, len(free), MAX_SEATS_PER_BOOKING):
            assert buyer.book(free[start : start + MAX_SEATS_PER_BOOKING]) == CONFIRMED
        assert buyer.book([1]) in ("show_full", "seat_taken")

    def _count(self, answer: str) -> None:
        with self._changed:
            self._counts[answer] += 1
            self._changed.notify_all()

    def _act(self, client: Client) -> None:
        """Send random requests until the end; a failure of one client ends all."""
        try:
            for _ in range(MAX_REQUESTS):
                if self._ended.is_set():
                    return
                client.send_random_request()
        finally:
            with self._changed:
                self._ended.set()
                self._changed.notify_all()
