"""All services and queries, as the entry points use them."""

from dataclasses import dataclass

from ticketing.domain.accounts.account_service import AccountService
from ticketing.domain.accounts.own_account_service import OwnAccountService
from ticketing.domain.accounts.password_reset_service import PasswordResetService
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.session_service import SessionService
from ticketing.domain.audit.queries import AuditQueries
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.queries import ProgrammeQueries
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.queries import SalesQueries
from ticketing.domain.store import UnitOfWork
from ticketing.domain.unit_of_work import Transactions


@dataclass(frozen=True, slots=True)
class Queries:
    """All queries."""

    programme: ProgrammeQueries
    sales: SalesQueries
    accounts: AccountQueries
    audit: AuditQueries


@dataclass(frozen=True, slots=True)
class BoxOffice:
    """The services, the queries, and transactions for bulk work such as the demo."""

    bookings: BookingService
    programme: ProgrammeService
    accounts: AccountService
    sessions: SessionService
    own_accounts: OwnAccountService
    password_resets: PasswordResetService
    queries: Queries
    transactions: Transactions[UnitOfWork]
