"""Revoked sessions whose access tokens have not expired.

Access tokens are checked without the store. To refuse those of ended sessions soon, each process
keeps the few sessions that were revoked within the lifetime of an access token.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.session import SessionId
from ticketing.domain.errors import Busy

REFRESH_SECONDS = 1.0
_CLOCK_SKEW = timedelta(minutes=5)


class Revocations:
    """Reads the store at most once a second, and only when a request needs it."""

    def __init__(
        self,
        queries: AccountQueries,
        token_lifetime: timedelta,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queries = queries
        self._reach = token_lifetime + _CLOCK_SKEW
        self._clock = clock
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._revoked: frozenset[SessionId] = frozenset()
        self._fresh_until = float("-inf")
        self._away_until = float("-inf")

    def __contains__(self, session_id: SessionId) -> bool:
        """Return whether the session was revoked at least 1 s ago. Raises Busy."""
        if self._monotonic() >= self._fresh_until:
            with self._guard:
                if self._monotonic() >= self._fresh_until:
                    self._refresh()
        return session_id in self._revoked

    def _refresh(self) -> None:
        """Read the store, unless another thread has just failed to."""
        if self._monotonic() < self._away_until:
            raise Busy()
        read_at = self._monotonic()
        try:
            self._revoked = self._queries.revoked_sessions(self._clock() - self._reach)
        except Busy:
            self._away_until = self._monotonic() + REFRESH_SECONDS
            raise
        self._fresh_until = read_at + REFRESH_SECONDS
