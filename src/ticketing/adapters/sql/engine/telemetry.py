"""What a store reports to metrics."""

from contextlib import AbstractContextManager, nullcontext

_NO_TIMER = nullcontext()


class Telemetry:
    """Reports nothing. Subclasses override it, take microseconds, and raise nothing."""

    def lock_wait(self) -> AbstractContextManager[object]:
        """Time the wait of a batch of sales for its seats; on SQLite, of a writer for its turn."""
        return _NO_TIMER

    def batch(self, sales: int) -> None:
        """So many sales share a transaction."""

    def sold(self, bookings: int, seats: int) -> None:
        """A transaction with these sales was committed; rehearsals are not reported."""

    def cancelled(self, bookings: int) -> None:
        """A transaction that cancelled so many bookings was committed."""

    def held(self, holds: int) -> None:
        """A transaction that made so many holds was committed, likewise."""

    def hold_ended(self, outcome: str, holds: int) -> None:
        """A transaction that ended so many holds was committed: they were booked or released."""

    def message(self, kind: str, outcome: str) -> None:
        """An attempt to send a message ended: "sent", "out_of_date", "not_sent" or "failed"."""

    def offered(self, offers: int) -> None:
        """So many of the holds that a transaction made are offers to waiting customers."""

    def retried(self) -> None:
        """An attempt that raised Busy is repeated."""

    def failed(self, code: str) -> None:
        """A ``Busy`` with that code is raised to the caller."""


NO_TELEMETRY = Telemetry()
