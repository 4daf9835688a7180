"""The command line's Tools over dictionaries."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from tests.builders import A_WEEK, SALES_GRACE, Clock, FastHasher
from ticketing.adapters.memory import MemoryQueries, MemoryTransactions
from ticketing.domain.account import Account, PasswordRules
from ticketing.domain.account_service import AccountService
from ticketing.domain.booking_service import BookingService
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.programme_service import ProgrammeService
from ticketing.entrypoints.cli import CannotRun


class MemoryTools:
    """``calls`` is what the commands asked for."""

    workers, threads = 2, 4
    is_production = False
    is_current = True

    def __init__(self, timezone: str = "Europe/London") -> None:
        self.timezone = ZoneInfo(timezone)
        self.now = Clock()
        self.calls: list[tuple[object, ...]] = []
        self.transactions = MemoryTransactions(self.now)
        self.queries = MemoryQueries(self.transactions, self.now, SALES_GRACE)
        self.accounts = AccountService(
            self.transactions, self.queries, FastHasher(), PasswordRules(), A_WEEK
        )

    def as_demo(self) -> "MemoryTools":
        self.calls.append(("as_demo",))
        return self

    def box_office(self) -> BoxOffice:
        if not self.is_current:
            raise CannotRun("Run `ticketing migrate`.")
        return BoxOffice(
            BookingService(self.transactions, SALES_GRACE),
            ProgrammeService(self.transactions),
            self.accounts,
            self.queries,
            self.transactions,
        )

    def access_tokens(self) -> Callable[[Account], str]:
        return lambda account: f"token of {account.username}"

    def migrate(self, *, sql: bool = False) -> None:
        self.calls.append(("migrate", sql))

    def check_migrations(self) -> None:
        if not self.is_current:
            raise CannotRun("The table shows has no column screen_id.")

    def demand_address(self, host: str, port: int) -> None:
        """All of them can be had."""

    def serve(
        self, host: str, port: int, workers: int, threads: int, announce: Callable[[], None]
    ) -> None:
        self.calls.append(("serve", host, port, workers, threads))
        announce()
