"""One all-or-nothing change of the store."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from ticketing.domain.ports.accounts import Accounts, Sessions
from ticketing.domain.ports.audit import AuditTrail
from ticketing.domain.ports.failed_log_ins import FailedLogIns
from ticketing.domain.ports.idempotency import IdempotencyKeys
from ticketing.domain.ports.programme import Movies, Screens
from ticketing.domain.ports.sales import Bookings, Shows

T = TypeVar("T")


class UnitOfWork(Protocol):
    """What work may touch: the store's families, and the time of the decision."""

    @property
    def movies(self) -> Movies: ...
    @property
    def screens(self) -> Screens: ...
    @property
    def shows(self) -> Shows: ...
    @property
    def bookings(self) -> Bookings: ...
    @property
    def idempotency_keys(self) -> IdempotencyKeys: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def failed_log_ins(self) -> FailedLogIns: ...
    @property
    def audit(self) -> AuditTrail: ...

    def now(self) -> datetime:
        """The time of the decision. Ask once what is decided upon is locked: locks take time."""


class Transactions(Protocol):
    """Runs ``work`` as one all-or-nothing change, again while the store is busy.

    ``work`` touches nothing but its unit of work, since it may run more than once. Raises Busy
    when the time for trying is spent, OutcomeUnknown when the commit's answer was lost.
    """

    def __call__(self, work: Callable[[UnitOfWork], T]) -> T: ...
