"""How long transactions wait for locks of others, and how many do so at the same time."""

import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import TypeVar

from ticketing.adapters.compartment import Compartment
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.domain.errors import Locked

T = TypeVar("T")

_REMEMBERED_SECONDS = 1.0


class LockWaits:
    """Runs attempts that may find something locked.

    Most locks are free again within milliseconds. So an attempt is repeated for a while, each time
    without waiting. To wait longer it needs one of a few places, because whatever waits holds a
    thread and a connection.
    """

    def __init__(
        self,
        retry: Retry,
        places: Compartment,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._retry = retry
        self._places = places
        self._monotonic = monotonic
        self._locked_until: dict[Hashable, float] = {}

    def __call__(self, attempt: Callable[[bool], T], key: Hashable = None) -> T:
        """Return the result of ``attempt``, which receives whether it may wait for locks.

        ``key`` names what it may find locked, such as a show. Raises Overloaded where it would have
        to wait and no place is free; after one attempt while work of that key has no place left.
        """
        return self._retry(partial(self._attempt, attempt, key))

    def _attempt(self, attempt: Callable[[bool], T], key: Hashable) -> T:
        try:
            if self._is_locked_for_long(key):
                return attempt(False)
            return self._retry.while_locked(partial(attempt, False))
        except Locked:
            pass
        with self._places.place(key):
            try:
                result = attempt(True)
            except Locked:
                self._remember(key)
                raise
        self._locked_until.pop(key, None)
        return result

    def _is_locked_for_long(self, key: Hashable) -> bool:
        """Return whether work of that key waits in all its places, or just waited in vain."""
        if key is not None and key in self._places and not self._places.has_place(key):
            return True
        return self._locked_until.get(key, 0) > self._monotonic()

    def _remember(self, key: Hashable) -> None:
        if key is not None:
            now = self._monotonic()
            known = list(self._locked_until.items())
            self._locked_until = {other: until for other, until in known if until > now}
            self._locked_until[key] = now + _REMEMBERED_SECONDS
