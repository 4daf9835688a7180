"""Where it is kept how often somebody was wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Failures:
    """So many since then."""

    count: int
    since: datetime


class FailedLogIns(Protocol):
    """Counts by key, which tells neither who was meant nor where it came from."""

    def count(self, key: str, now: datetime, *, anew: datetime) -> Failures:
        """One more; what began at ``anew`` or before is over, and the count begins again.

        Rivals are counted one after another.
        """

    def forget(self, key: str) -> None:
        """Begin from nothing."""

    def forget_old(self, before: datetime) -> int:
        """Drop some of what began before then; answers how many, 0 when nothing is left."""
