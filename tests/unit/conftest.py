"""Unit tests use the store in memory."""

import pytest
from hypothesis import HealthCheck, settings

from tests.builders import SALES_GRACE, Clock
from ticketing.adapters.memory import MemoryTransactions, memory_queries
from ticketing.domain.box_office import Queries

settings.register_profile(  # a busy machine must not fail a test
    "slow machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("slow machine")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def transactions(clock: Clock) -> MemoryTransactions:
    return MemoryTransactions(clock)


@pytest.fixture
def short_retry(transactions: MemoryTransactions) -> MemoryTransactions:
    return transactions  # it retries a few times, without pauses


@pytest.fixture
def queries(transactions: MemoryTransactions, clock: Clock) -> Queries:
    return memory_queries(transactions, clock, SALES_GRACE)
