"""Many simulated customers, some of them at the same time."""

from collections.abc import Callable, Sequence, Set
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import chain
from queue import Empty, SimpleQueue
from random import Random
from threading import Event

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.programme.show import Show
from ticketing.domain.rehearsal.record import Purchase
from ticketing.entrypoints.cli.rehearse.customer import Customer
from ticketing.entrypoints.cli.rehearse.http_client import HttpClient
from ticketing.entrypoints.cli.rehearse.statistics import Statistics

PROGRESS_SECONDS = 0.2


class LoadGenerator:
    """Runs a customer for each account once. A ``seed`` repeats their random choices."""

    def __init__(
        self, url: str, show: Show, accounts: Sequence[Account], seed: int, at_once: int
    ) -> None:
        self._url = url
        self._show = show
        self._seed = seed
        self._at_once = min(at_once, len(accounts))
        self._purchases: list[list[Purchase]] = []
        self._stopping = Event()
        self._queue: SimpleQueue[tuple[int, Account]] = SimpleQueue()
        for numbered_account in enumerate(accounts):
            self._queue.put(numbered_account)

    def run(
        self, token_for: Callable[[Account], str], on_progress: Callable[[int], None]
    ) -> tuple[list[Purchase], Statistics]:
        """Return all purchases. ``on_progress`` gets the number of customers served so far.

        Also after an exception, all customers have stopped when it returns.
        """
        statistics = [Statistics() for _ in range(self._at_once)]
        with ThreadPoolExecutor(self._at_once) as pool:
            try:
                pending = {pool.submit(self._serve_queue, token_for, each) for each in statistics}
                while pending:
                    done, pending = wait(pending, PROGRESS_SECONDS)
                    for each in done:
                        each.result()
                    on_progress(len(self._purchases))
            finally:
                self._stopping.set()
        return list(chain.from_iterable(self._purchases)), Statistics.merged(statistics)

    def sold_seats(self, statistics: Statistics) -> Set[int]:
        """Return the seats that the seat map shows as sold; none if it cannot be fetched."""
        with HttpClient(self._url, statistics) as client:
            customer = Customer(AccountId(0), "", self._show, client, Random(), Event())  # noqa: S311
            free = customer.free_seats()
        return set() if free is None else set(self._show.plan.numbers) - free

    def _serve_queue(self, token_for: Callable[[Account], str], statistics: Statistics) -> None:
        with HttpClient(self._url, statistics) as client:
            while not self._stopping.is_set():
                try:
                    number, account = self._queue.get_nowait()
                except Empty:
                    return
                chance = Random(f"{self._seed} {number}")  # noqa: S311 - not a secret
                token = token_for(account)
                customer = Customer(account.id, token, self._show, client, chance, self._stopping)
                self._purchases.append(customer.visit())
