"""Unit tests keep what they keep in dictionaries."""

import pytest

from tests.builders import SALES_GRACE, Clock
from ticketing.adapters.memory import MemoryQueries, MemoryTransactions
from ticketing.domain.queries import Queries


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def transactions(clock: Clock) -> MemoryTransactions:
    return MemoryTransactions(clock)


@pytest.fixture
def queries(transactions: MemoryTransactions, clock: Clock) -> Queries:
    return MemoryQueries(transactions, clock, SALES_GRACE)
