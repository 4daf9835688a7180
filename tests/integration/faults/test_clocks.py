"""A clock that jumps in the middle of a sale: back and forth over the end of sales, and by days."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.builders import SALES_GRACE, Clock
from tests.integration.faults.crowd import CONFIRMED, Crowd
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
def crowd(sale: OnSale) -> Iterator[Crowd]:
    with served(sale.app) as port, Crowd(port, sale) as crowd:
        yield crowd


def test_nothing_is_sold_after_its_time_and_nothing_is_lost(sale, clock, crowd):
    with crowd.acting():
        for turn in range(JUMPS):
            crowd.until(CONFIRMED, times=5)
            clock.now = sale.show.starts_at + SALES_GRACE + turn * timedelta(hours=5)
            crowd.until("sales_closed", times=5)
            crowd.until("show_started")
            clock.now = sale.show.starts_at - turn * timedelta(hours=5) - timedelta(seconds=1)
        crowd.until(CONFIRMED, times=5)
    crowd.check()
    bookings = [wish.booking for wish in crowd.wishes if wish.confirmation]
    sold_at = [datetime.fromisoformat(booking["created_at"]) for booking in bookings]
    assert max(sold_at) < sale.show.starts_at + SALES_GRACE
