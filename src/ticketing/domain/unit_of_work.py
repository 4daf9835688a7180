"""One all-or-nothing change of the store."""

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")
Work_co = TypeVar("Work_co", covariant=True)


class Transactions(Protocol[Work_co]):
    """Runs ``work`` as one all-or-nothing change, again while the store is busy.

    ``work`` gets the slice of the store that its service needs, and touches nothing else, since it
    may run more than once. Raises Busy when the time for retries is spent, OutcomeUnknown when the
    answer to the commit was lost.
    """

    def __call__(self, work: Callable[[Work_co], T]) -> T: ...
