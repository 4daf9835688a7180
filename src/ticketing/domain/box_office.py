"""The whole box office: the store as adapters provide it, all queries and all services."""

from dataclasses import dataclass
from typing import Protocol

from ticketing.domain.accounts.account_service import AccountService
from ticketing.domain.accounts.password_reset_service import PasswordResetService
from ticketing.domain.accounts.ports import Accounts, AccountWork
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.session_service import SessionService
from ticketing.domain.audit import AuditQueries
from ticketing.domain.messages.ports import MessageQueries
from ticketing.domain.messages.sending_service import SendingService
from ticketing.domain.programme.ports import BookingsOfShow, HoldsOfShow, Movies, Screens
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.queries import ProgrammeQueries
from ticketing.domain.programme.screen_service import ScreenService
from ticketing.domain.rehearsal.ports import (
    RehearsalAccounts,
    RehearsedBookings,
    RehearsedHolds,
    RehearsedShows,
)
from ticketing.domain.sales.best_available.best_available_service import BestAvailableService
from ticketing.domain.sales.blocked_seats_service import BlockedSeatsService
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.idempotency import IdempotencyKeys
from ticketing.domain.sales.ports import Bookings, Holds, Seats
from ticketing.domain.sales.queries import SalesQueries
from ticketing.domain.sales.waiting_list.offers import OfferService
from ticketing.domain.sales.waiting_list.ports import WaitingList
from ticketing.domain.sales.waiting_list.queries import WaitingListQueries
from ticketing.domain.sales.waiting_list.waiting_list_service import WaitingListService
from ticketing.domain.unit_of_work import Transactions


class AllAccounts(Accounts, RehearsalAccounts, Protocol):
    """Accounts of users and of rehearsals."""


class AllBookings(Bookings, BookingsOfShow, RehearsedBookings, Protocol):
    """Bookings, one by one and by show."""


class AllHolds(Holds, HoldsOfShow, RehearsedHolds, Protocol):
    """Holds, one by one and by show."""


class UnitOfWork(AccountWork, Protocol):
    """Everything that one transaction can change: for bulk work such as the demo, and tests."""

    @property
    def movies(self) -> Movies: ...
    @property
    def screens(self) -> Screens: ...
    @property
    def shows(self) -> RehearsedShows: ...
    @property
    def seats(self) -> Seats: ...
    @property
    def bookings(self) -> AllBookings: ...
    @property
    def holds(self) -> AllHolds: ...
    @property
    def waiting_list(self) -> WaitingList: ...
    @property
    def idempotency_keys(self) -> IdempotencyKeys: ...
    @property
    def accounts(self) -> AllAccounts: ...


@dataclass(frozen=True, slots=True)
class Queries:
    programme: ProgrammeQueries
    sales: SalesQueries
    waiting_list: WaitingListQueries
    accounts: AccountQueries
    audit: AuditQueries
    messages: MessageQueries


@dataclass(frozen=True, slots=True)
class BoxOffice:
    """The services, the queries, and transactions for bulk work such as the demo.

    ``messages`` is None without a mail server.
    """

    bookings: BookingService
    holds: HoldService
    waiting_list: WaitingListService
    offers: OfferService
    best_available: BestAvailableService
    blocked_seats: BlockedSeatsService
    programme: ProgrammeService
    screens: ScreenService
    accounts: AccountService
    sessions: SessionService
    password_resets: PasswordResetService
    messages: SendingService | None
    queries: Queries
    transactions: Transactions[UnitOfWork]
