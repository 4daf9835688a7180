"""Many customers, so many of them at once."""

from collections.abc import Callable, Sequence, Set
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import chain
from queue import Empty, SimpleQueue
from random import Random
from threading import Event

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.programme.show import Show
from ticketing.domain.rehearsal.record import Purchase
from ticketing.entrypoints.cli.rehearsal.customer import Customer
from ticketing.entrypoints.cli.rehearsal.tally import Tally
from ticketing.entrypoints.cli.rehearsal.transport import HttpTransport

LOOK_EVERY = 0.2  # seconds


class Crowd:
    """Plays every account's customer once. The same ``seed`` draws the same lots for each."""

    def __init__(
        self, url: str, show: Show, accounts: Sequence[Account], seed: int, at_once: int
    ) -> None:
        self._url = url
        self._show = show
        self._seed = seed
        self._at_once = min(at_once, len(accounts))
        self._told: list[list[Purchase]] = []
        self._leaving = Event()
        self._queue: SimpleQueue[tuple[int, Account]] = SimpleQueue()
        for place in enumerate(accounts):
            self._queue.put(place)

    def rush(
        self, token_for: Callable[[Account], str], watch: Callable[[int], None]
    ) -> tuple[list[Purchase], Tally]:
        """What all were told; ``watch`` is told from time to time how many were there.

        Whatever ends it early, nobody is still buying when it has ended.
        """
        tallies = [Tally() for _ in range(self._at_once)]
        with ThreadPoolExecutor(self._at_once) as pool:
            try:
                pending = {pool.submit(self._play, token_for, tally) for tally in tallies}
                while pending:
                    done, pending = wait(pending, LOOK_EVERY)
                    for each in done:
                        each.result()
                    watch(len(self._told))
            finally:
                self._leaving.set()
        return list(chain.from_iterable(self._told)), Tally.merged(tallies)

    def look(self, tally: Tally) -> Set[int]:
        """The seats that the map shows as sold; none where it cannot be had."""
        with HttpTransport(self._url, tally) as transport:
            looker = Customer(AccountId(0), "", self._show, transport, Random(), Event())  # noqa: S311
            free = looker.look()
        return set() if free is None else set(self._show.plan.numbers) - free

    def _play(self, token_for: Callable[[Account], str], tally: Tally) -> None:
        with HttpTransport(self._url, tally) as transport:
            while not self._leaving.is_set():
                try:
                    number, account = self._queue.get_nowait()
                except Empty:
                    return
                chance = Random(f"{self._seed} {number}")  # noqa: S311 - lots, not secrets
                token = token_for(account)
                customer = Customer(account.id, token, self._show, transport, chance, self._leaving)
                self._told.append(customer.visit())
