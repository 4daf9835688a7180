"""The command line's Tools over dictionaries."""

from collections.abc import Callable, Iterator, Sequence
from zoneinfo import ZoneInfo

from tests.builders import A_WEEK, CLEANING, SALES_GRACE, Clock, FastHasher, at_once
from ticketing.adapters.mail.log import NoNotifications
from ticketing.adapters.memory import MemoryTransactions, memory_queries
from ticketing.adapters.reset_tokens import SignedResetTokens
from ticketing.domain.accounts.account import Account, PasswordRules
from ticketing.domain.accounts.account_service import AccountService
from ticketing.domain.accounts.own_account_service import OwnAccountService
from ticketing.domain.accounts.password_reset_service import PasswordResetService
from ticketing.domain.accounts.session_service import SessionService
from ticketing.domain.accounts.throttle import LOG_INS, Throttle
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.entrypoints.cli import CannotRun
from ticketing.entrypoints.cli.findings import Finding


class MemoryTools:
    """``calls`` is what the commands asked for."""

    workers, threads = 2, 4
    is_production = False
    is_current = True

    findings: Sequence[Finding] = ()

    def __init__(self, timezone: str = "Europe/London") -> None:
        self.timezone = ZoneInfo(timezone)
        self.now = Clock()
        self.calls: list[tuple[object, ...]] = []
        self.transactions = MemoryTransactions(self.now)
        self.queries = memory_queries(self.transactions, self.now, SALES_GRACE)
        keeping = self.transactions, self.queries.accounts, FastHasher()
        self.accounts = AccountService(*keeping, PasswordRules())
        self.sessions = SessionService(*keeping, A_WEEK)

    def as_demo(self) -> "MemoryTools":
        self.calls.append(("as_demo",))
        return self

    def box_office(self) -> BoxOffice:
        if not self.is_current:
            raise CannotRun("Run `ticketing migrate`.")
        keeping = self.transactions, self.queries.accounts, FastHasher(), PasswordRules()
        free = Throttle(self.transactions, LOG_INS, key=None)
        return BoxOffice(
            bookings=BookingService(self.transactions, SalesPolicy(SALES_GRACE)),
            programme=ProgrammeService(self.transactions, CLEANING),
            accounts=self.accounts,
            sessions=self.sessions,
            own_accounts=OwnAccountService(*keeping, free),
            password_resets=PasswordResetService(
                *keeping, SignedResetTokens([]), free, NoNotifications(), at_once
            ),
            queries=self.queries,
            transactions=self.transactions,
        )

    def access_tokens(self) -> Callable[[Account], str]:
        return lambda account: f"token of {account.username}"

    def migrate(self, *, sql: bool = False, wait: float = 2) -> None:
        self.calls.append(("migrate", sql, wait))

    def check_migrations(self) -> None:
        if not self.is_current:
            raise CannotRun("The table shows has no column screen_id.")

    def demand_address(self, host: str, port: int) -> None:
        """All of them can be had."""

    def examine(self, servers: int) -> Iterator[Finding]:
        self.calls.append(("examine", servers))
        yield from self.findings

    def serve(
        self, host: str, port: int, workers: int, threads: int, announce: Callable[[], None]
    ) -> None:
        self.calls.append(("serve", host, port, workers, threads))
        announce()
