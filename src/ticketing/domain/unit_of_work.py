"""Transactions."""

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")
Work_co = TypeVar("Work_co", covariant=True)


class Transactions(Protocol[Work_co]):
    """Run ``work`` in one transaction, and retry while the store is busy.

    ``work`` receives the slice of the store that its service needs. It may run more than once, so
    it must have no other side effects. Raises Busy when the time for retries is over, and
    OutcomeUnknown when the answer to the commit was lost.
    """

    def __call__(self, work: Callable[[Work_co], T]) -> T: ...
