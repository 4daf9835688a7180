"""Unit tests keep what they keep in dictionaries."""

import pytest
from hypothesis import settings

from tests.builders import SALES_GRACE, Clock
from ticketing.adapters.memory import MemoryQueries, MemoryTransactions
from ticketing.domain.queries import Queries

settings.register_profile("patient", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("patient")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def transactions(clock: Clock) -> MemoryTransactions:
    return MemoryTransactions(clock)


@pytest.fixture
def queries(transactions: MemoryTransactions, clock: Clock) -> Queries:
    return MemoryQueries(transactions, clock, SALES_GRACE)
