"""The store in PostgreSQL fulfils the storage contract."""

import pytest

from tests.contracts import StorageContract
from tests.contracts.accounts.failed_log_ins import FailedLogInsContract
from tests.contracts.accounts.sessions import SessionsContract
from tests.contracts.programme.programme import ScreensContract
from tests.contracts.programme.programme_interleavings import ProgrammeInterleavingsContract
from tests.contracts.programme.shows import ShowsContract
from tests.contracts.sales.batches import BatchesContract
from tests.contracts.sales.best_available import BestAvailableContract
from tests.contracts.sales.concurrency import ConcurrencyContract
from tests.contracts.sales.idempotency import IdempotencyContract
from tests.contracts.sales.interleavings import InterleavingsContract
from tests.contracts.sales.seat_limits import SeatLimitsContract
from tests.contracts.sales.waiting_lists import WaitingListsContract
from tests.contracts.state_machine import StateMachineContract
from tests.contracts.transactions import TransactionsContract
from tests.integration.databases import READ_COMMITTED, SERIALIZABLE, at_level


@pytest.fixture
def database_url(request: pytest.FixtureRequest, postgresql: str) -> str:
    return at_level(request.cls.level, postgresql)


class TestPostgresql(StorageContract):
    level = READ_COMMITTED


class TestSerializable(
    TransactionsContract,
    ScreensContract,
    ShowsContract,
    SeatLimitsContract,
    BatchesContract,
    BestAvailableContract,
    WaitingListsContract,
    SessionsContract,
    FailedLogInsContract,
    IdempotencyContract,
    ConcurrencyContract,
    InterleavingsContract,
    ProgrammeInterleavingsContract,
):
    """Where transactions meet; one alone runs as it does at READ COMMITTED."""

    level = SERIALIZABLE


class TestStoriesInPostgresql(StateMachineContract):
    level = READ_COMMITTED
    sequences = 8


class TestStoriesAtSerializable(StateMachineContract):
    """Every operation runs there too."""

    level = SERIALIZABLE
    sequences = 2
