"""The contract of every store. The test module of a store has

- the fixtures ``transactions`` (over an empty store), ``short_retry`` (the same, with few
  retries), ``clock`` (a ``Clock``, which gives ``transactions`` and ``queries`` the time) and
  ``queries`` (with SALES_GRACE), and
- ``class TestThisStore(StorageContract): ...``
"""

from tests.contracts.accounts.accounts import AccountsContract
from tests.contracts.accounts.failed_log_ins import FailedLogInsContract
from tests.contracts.accounts.sessions import SessionsContract
from tests.contracts.messages.outbox import OutboxContract
from tests.contracts.programme.programme import MoviesContract, ScreensContract
from tests.contracts.programme.programme_interleavings import ProgrammeInterleavingsContract
from tests.contracts.programme.seat_plans import SeatPlansContract
from tests.contracts.programme.show_queries import ShowQueriesContract
from tests.contracts.programme.shows import ShowsContract
from tests.contracts.queries import QueriesContract
from tests.contracts.rehearsal.rehearsals import RehearsalsContract
from tests.contracts.sales.batches import BatchesContract
from tests.contracts.sales.best_available import BestAvailableContract
from tests.contracts.sales.bookings import BookingsContract
from tests.contracts.sales.cancellations import CancellationsContract
from tests.contracts.sales.concurrency import ConcurrencyContract
from tests.contracts.sales.holds import HoldsContract
from tests.contracts.sales.idempotency import IdempotencyContract
from tests.contracts.sales.interleavings import InterleavingsContract
from tests.contracts.sales.seat_limits import SeatLimitsContract
from tests.contracts.sales.seats import SeatsContract
from tests.contracts.sales.staff_queries import StaffQueriesContract
from tests.contracts.sales.waiting_lists import WaitingListsContract
from tests.contracts.transactions import TransactionsContract


class StorageContract(
    TransactionsContract,
    MoviesContract,
    ScreensContract,
    ShowsContract,
    SeatPlansContract,
    SeatsContract,
    SeatLimitsContract,
    BatchesContract,
    BestAvailableContract,
    BookingsContract,
    CancellationsContract,
    HoldsContract,
    WaitingListsContract,
    AccountsContract,
    SessionsContract,
    FailedLogInsContract,
    OutboxContract,
    QueriesContract,
    ShowQueriesContract,
    StaffQueriesContract,
    IdempotencyContract,
    ConcurrencyContract,
    InterleavingsContract,
    ProgrammeInterleavingsContract,
    RehearsalsContract,
):
    """The whole contract."""


__all__ = ["StorageContract"]
