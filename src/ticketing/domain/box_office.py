"""Everything the box office can do, in one hand for whoever serves it to the outside."""

from dataclasses import dataclass

from ticketing.domain.account_service import AccountService
from ticketing.domain.booking_service import BookingService
from ticketing.domain.own_account_service import OwnAccountService
from ticketing.domain.password_reset_service import PasswordResetService
from ticketing.domain.ports.unit_of_work import Transactions
from ticketing.domain.programme_service import ProgrammeService
from ticketing.domain.queries import Queries
from ticketing.domain.session_service import SessionService


@dataclass(frozen=True, slots=True)
class BoxOffice:
    """The services, the queries, and the transactions for bulk work such as an import."""

    bookings: BookingService
    programme: ProgrammeService
    accounts: AccountService
    sessions: SessionService
    own_accounts: OwnAccountService
    password_resets: PasswordResetService
    queries: Queries
    transactions: Transactions
