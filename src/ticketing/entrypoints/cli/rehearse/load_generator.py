"""Many simulated customers, some of them at the same time."""

from collections.abc import Callable, Sequence, Set
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from queue import SimpleQueue
from random import Random
from threading import Event

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.programme.show import Show
from ticketing.domain.rehearsal.consistency import Purchase
from ticketing.entrypoints.cli.rehearse.customer import Customer
from ticketing.entrypoints.cli.rehearse.http_client import HttpClient, Measurement


def run_customers(
    url: str,
    show: Show,
    accounts: Sequence[Account],
    token_for: Callable[[Account], str],
    at_once: int,
    seed: int,
    measurements: list[Measurement],
    on_progress: Callable[[int], None],
) -> list[Purchase]:
    """Run a customer for each account and return all purchases.

    A ``seed`` repeats their random choices. ``on_progress`` gets the number of customers served so
    far. Also after an exception, all customers have stopped when this returns.
    """
    purchases: list[Purchase] = []
    stopping = Event()
    idle: SimpleQueue[HttpClient] = SimpleQueue()

    def serve(number: int, account: Account) -> list[Purchase]:
        client, chance = idle.get(), Random(f"{seed} {number}")  # noqa: S311 - not a secret
        try:
            return Customer(account.id, token_for(account), show, client, chance, stopping).visit()
        finally:
            idle.put(client)

    with ExitStack() as stack, ThreadPoolExecutor(at_once) as pool:
        for _ in range(at_once):
            idle.put(stack.enter_context(HttpClient(url, measurements)))
        try:
            visits = [pool.submit(serve, *numbered) for numbered in enumerate(accounts)]
            for served, visit in enumerate(as_completed(visits), 1):
                purchases += visit.result()
                on_progress(served)
        finally:
            stopping.set()
            pool.shutdown(cancel_futures=True)
    return purchases


def sold_seats(url: str, show: Show, measurements: list[Measurement]) -> Set[int]:
    """Return the seats that the seat map shows as sold; none if it cannot be fetched."""
    with HttpClient(url, measurements) as client:
        customer = Customer(AccountId(0), "", show, client, Random(), Event())  # noqa: S311 - not a secret
        return customer.seats_on_map("BOOKED") or set()
