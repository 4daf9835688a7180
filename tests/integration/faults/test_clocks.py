"""A clock that jumps in the middle of a sale: back and forth over the end of sales, and by days."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.builders import SALES_GRACE, Clock
from tests.integration.faults.client_pool import CONFIRMED, ClientPool
from tests.integration.faults.on_sale import OnSale, on_sale, real_time, served

JUMPS = 6


@pytest.fixture
def clock() -> Clock:
    return real_time()


@pytest.fixture
def sale(database_url: str, clock: Clock) -> Iterator[OnSale]:
    with on_sale(database_url, clock) as sale:
        yield sale


@pytest.fixture
def pool(sale: OnSale) -> Iterator[ClientPool]:
    with served(sale.app) as port, ClientPool(port, sale) as pool:
        yield pool


def test_nothing_is_sold_after_the_end_of_sales_and_nothing_is_lost(sale, clock, pool):
    with pool.acting():
        for turn in range(JUMPS):
            pool.until(CONFIRMED, times=5)
            clock.now = sale.show.starts_at + SALES_GRACE + turn * timedelta(hours=5)
            pool.until("sales_closed", times=5)
            pool.until("show_started")
            clock.now = sale.show.starts_at - turn * timedelta(hours=5) - timedelta(seconds=1)
        pool.until(CONFIRMED, times=5)
    pool.check()
    bookings = [request.booking for request in pool.requests if request.confirmation]
    sold_at = [datetime.fromisoformat(booking["created_at"]) for booking in bookings]
    assert max(sold_at) < sale.show.starts_at + SALES_GRACE
