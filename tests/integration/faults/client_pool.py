"""Customers who act at the same time, while faults are injected."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Condition, Event
from typing import Self

from tests.integration.faults.client import Client
from tests.integration.faults.http_connection import TIMEOUT_SECONDS
from tests.integration.faults.invariants import check_invariants
from tests.integration.faults.ledger import Wish
from tests.integration.faults.on_sale import SEATS, OnSale
from ticketing.domain.sales.selling import MAX_SEATS_PER_BOOKING

MOST_ACTS = 2000
"""Requests of one customer."""

CONFIRMED = "201"


class ClientPool:
    """A client for each customer, each with its own random numbers, derived from ``seed``."""

    def __init__(self, port: int, on_sale: OnSale, seed: int | None = None) -> None:
        seed = random.randrange(10**6) if seed is None else seed
        print(f"the pool's seed is {seed}")
        self._on_sale = on_sale
        self._heard: Counter[str] = Counter()
        self._news = Condition()
        self._over = Event()
        self._clients = [
            Client(port, customer, on_sale.show.id, random.Random(f"{seed} {turn}"), self._hear)
            for turn, customer in enumerate(on_sale.customers)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()

    @property
    def wishes(self) -> list[Wish]:
        """Everybody's."""
        return [wish for client in self._clients for wish in client.wishes]

    @contextmanager
    def acting(self) -> Iterator[None]:
        """All clients act until the block ends. Raises what contradicted their responses."""
        self._over.clear()
        with ThreadPoolExecutor(len(self._clients)) as threads:
            self._acting = [threads.submit(self._act, client) for client in self._clients]
            try:
                yield
            finally:
                self._over.set()
                for acting in self._acting:
                    acting.result()

    def until(self, answer: str, times: int = 1) -> None:
        """Wait for that many more responses of this kind: a status, or a refusal's code."""
        with self._news:
            enough = self._heard[answer] + times
            self._news.wait_for(
                lambda: self._heard[answer] >= enough or self._over.is_set(), TIMEOUT_SECONDS
            )
            assert self._heard[answer] >= enough, f"too few {answer}: {self._heard}"

    def check(self) -> None:
        """After the fault: unknown outcomes are resolved, and the store matches all responses."""
        with ThreadPoolExecutor(len(self._clients)) as threads:
            list(threads.map(Client.settle, self._clients))
        self._check_store()
        self._sell_out()
        assert len(self._check_store()) == SEATS

    def _check_store(self) -> set[int]:
        """Return the sold seats."""
        store = self._on_sale.kept()
        assert store.seats.keys() == set(range(1, SEATS + 1))
        assert self._clients[0].sold() == store.sold
        check_invariants(self.wishes, store)
        return store.sold

    def _sell_out(self) -> None:
        """Free seats can be sold, also one that was just cancelled."""
        giver, buyer = self._clients[:2]
        giver.give_all_back()
        free = sorted(self._on_sale.kept().seats.keys() - self._on_sale.kept().sold)
        for start in range(0, len(free), MAX_SEATS_PER_BOOKING):
            assert buyer.book(free[start : start + MAX_SEATS_PER_BOOKING]) == CONFIRMED
        assert buyer.book([1]) in ("show_full", "seat_taken")

    def _hear(self, answer: str) -> None:
        with self._news:
            self._heard[answer] += 1
            self._news.notify_all()

    def _act(self, client: Client) -> None:
        """One failure ends all."""
        try:
            for _ in range(MOST_ACTS):
                if self._over.is_set():
                    return
                client.acts()
        finally:
            with self._news:
                self._over.set()
                self._news.notify_all()
