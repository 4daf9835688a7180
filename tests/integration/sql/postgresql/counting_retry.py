"""Count retries."""

from collections.abc import Callable
from typing import TypeVar

import psycopg2

from ticketing.adapters.sql.engine.retry import Retry
from ticketing.domain.errors import Busy

REJECTED = "40001"  # serialization failure

T = TypeVar("T")


class CountingRetry(Retry):
    """Counts the attempts and keeps the SQLSTATE of each that failed.

    ``rejected`` attempts failed because of serializable isolation: a transaction that waited for a
    changed row must start again. READ COMMITTED rejects none.

    ``after_failure`` may remove the cause.
    """

    def __init__(
        self, budget: float = 2.0, after_failure: Callable[[], object] = lambda: None
    ) -> None:
        super().__init__(budget)
        self._after_failure = after_failure
        self.made = 0
        self.failures: list[str | None] = []

    @property
    def rejected(self) -> int:
        return self.failures.count(REJECTED)

    def __call__(self, attempt: Callable[[], T]) -> T:
        def counted() -> T:
            self.made += 1
            try:
                return attempt()
            except Busy as busy:
                self.failures.append(_state(busy))
                self._after_failure()
                raise

        return super().__call__(counted)


def _state(error: BaseException | None) -> str | None:
    """The SQLSTATE; None if the driver has none, as when a connection is lost."""
    while error is not None and not isinstance(error, psycopg2.Error):
        error = error.__cause__
    return None if error is None else error.pgcode
