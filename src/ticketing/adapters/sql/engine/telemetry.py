"""What a store tells whoever watches it."""

from contextlib import AbstractContextManager, nullcontext

_UNWATCHED = nullcontext()


class Telemetry:
    """Nobody watches. Who does overrides this; it takes microseconds, and raises nothing."""

    def lock_wait(self) -> AbstractContextManager[object]:
        """Around the wait of a sale for its seats; on SQLite, of a change for its turn."""
        return _UNWATCHED

    def sold(self, bookings: int, seats: int) -> None:
        """A transaction was committed that made those; rehearsals are not told of."""

    def cancelled(self, bookings: int) -> None:
        """A transaction was committed that took those back."""

    def retried(self) -> None:
        """What found the store busy is repeated."""

    def failed(self, code: str) -> None:
        """A refusal of the store's, a ``Busy`` with that code, is passed on."""


NO_TELEMETRY = Telemetry()
