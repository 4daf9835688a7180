"""The whole store, as adapters provide it. A service takes only the slice that it needs."""

from typing import Protocol

from ticketing.domain.accounts.ports import Accounts, FailedLogIns, Sessions
from ticketing.domain.audit.ports import AuditedWork
from ticketing.domain.programme.ports import BookingsOfShow, Movies, Screens
from ticketing.domain.rehearsal.ports import RehearsalAccounts, RehearsedBookings, RehearsedShows
from ticketing.domain.sales.idempotency import IdempotencyKeys
from ticketing.domain.sales.ports import Bookings, Seats


class AllAccounts(Accounts, RehearsalAccounts, Protocol):
    """Accounts of users and of rehearsals."""


class AllBookings(Bookings, BookingsOfShow, RehearsedBookings, Protocol):
    """Bookings, one by one and by show."""


class UnitOfWork(AuditedWork, Protocol):
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
    def idempotency_keys(self) -> IdempotencyKeys: ...
    @property
    def accounts(self) -> AllAccounts: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def failed_log_ins(self) -> FailedLogIns: ...
