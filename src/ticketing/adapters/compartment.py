"""Compartments (bulkheads): work of one kind never holds all threads of a process."""

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from ticketing.domain.errors import Overloaded


class NoPlace(Exception):
    """The cause of a refusal, for the log."""


class Compartment:
    """A number of places, each of which a thread holds while it does this kind of work.

    Without a free place, work is refused at once: waiting for one would hold the thread too.
    """

    def __init__(self, work: str, places: int, per_key: int | None = None) -> None:
        """``per_key`` is the maximum number of places for work with the same key."""
        self._work = work
        self._free = places
        self._per_key = places if per_key is None else per_key
        self._held: Counter[Hashable] = Counter()
        self._guard = threading.Lock()

    @contextmanager
    def place(self, key: Hashable = None) -> Iterator[None]:
        """Hold a place. Raises Overloaded where none is free, in all or for the key."""
        with self._guard:
            if not self.has_place(key):
                raise Overloaded() from NoPlace(f"no place for {self._work}")
            self._free -= 1
            self._held[key] += 1
        try:
            yield
        finally:
            with self._guard:
                self._free += 1
                self._held[key] -= 1
                if not self._held[key]:
                    del self._held[key]

    def has_place(self, key: Hashable = None) -> bool:
        """Return whether a place is free, in all and for the key."""
        return self._free > 0 and self._held[key] < self._per_key

    def __contains__(self, key: Hashable) -> bool:
        """Return whether work with that key holds a place."""
        return key in self._held
