"""What every store promises. A store is put to the test with a module of its own that has

- the fixtures ``transactions`` (over an empty store), ``impatient`` (the same, but soon tired of a
  busy store), ``clock`` (a ``Clock``, which tells ``transactions`` and ``queries`` the time) and
  ``queries`` (with SALES_GRACE), and
- ``class TestThisStore(StorageContract): ...``
"""

from tests.contracts.accounts import AccountsContract
from tests.contracts.bookings import BookingsContract
from tests.contracts.cancellations import CancellationsContract
from tests.contracts.concurrency import ConcurrencyContract
from tests.contracts.failed_log_ins import FailedLogInsContract
from tests.contracts.idempotency import IdempotencyContract
from tests.contracts.interleavings import InterleavingsContract
from tests.contracts.programme import MoviesContract, ScreensContract
from tests.contracts.programme_interleavings import ProgrammeInterleavingsContract
from tests.contracts.queries import QueriesContract
from tests.contracts.rehearsals import RehearsalsContract
from tests.contracts.seat_limits import SeatLimitsContract
from tests.contracts.seats import SeatsContract
from tests.contracts.sessions import SessionsContract
from tests.contracts.show_queries import ShowQueriesContract
from tests.contracts.shows import ShowsContract
from tests.contracts.staff_queries import StaffQueriesContract
from tests.contracts.transactions import TransactionsContract


class StorageContract(
    TransactionsContract,
    MoviesContract,
    ScreensContract,
    ShowsContract,
    SeatsContract,
    SeatLimitsContract,
    BookingsContract,
    CancellationsContract,
    AccountsContract,
    SessionsContract,
    FailedLogInsContract,
    QueriesContract,
    ShowQueriesContract,
    StaffQueriesContract,
    IdempotencyContract,
    ConcurrencyContract,
    InterleavingsContract,
    ProgrammeInterleavingsContract,
    RehearsalsContract,
):
    """All of it."""


__all__ = ["StorageContract"]
