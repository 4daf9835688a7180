"""Revoked sessions whose access tokens have not expired.

Access tokens are checked without the store. To refuse those of ended sessions soon, each process
keeps the few sessions that were revoked within the lifetime of an access token.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.session import SessionId
from ticketing.domain.errors import Busy

REFRESH_SECONDS = 1.0
FULL_READ_SECONDS = 60.0

OVERLAP = timedelta(seconds=30)
"""Each read asks again for what was revoked that long before the last one.

A revocation has the time of its decision, and is visible after its commit. No transaction takes
that long.
"""


class Revocations:
    """Reads the store at most once a second, and only when a request needs it.

    It asks for what was revoked since the last read, and once a minute and after an outage for all,
    which drops what is no longer needed.
    """

    def __init__(
        self,
        queries: AccountQueries,
        reach: timedelta,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep each session for ``reach`` after it was revoked."""
        self._queries = queries
        self._reach = reach
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._revoked: set[SessionId] = set()
        self._read_at = self._fully_read_at = float("-inf")
        self._away_until = float("-inf")

    def __contains__(self, session_id: SessionId) -> bool:
        """Return whether the session was revoked at least 1 s ago. Raises Busy."""
        if self._is_stale():
            with self._guard:
                if self._is_stale():
                    self._refresh()
        return session_id in self._revoked

    def _is_stale(self) -> bool:
        return self._monotonic() >= self._read_at + REFRESH_SECONDS

    def _refresh(self) -> None:
        """Read the store, unless another thread has just failed to."""
        now = self._monotonic()
        if now < self._away_until:
            raise Busy()
        is_full = now >= self._fully_read_at + FULL_READ_SECONDS
        try:
            if is_full:
                self._revoked = set(self._queries.revoked_sessions(self._reach))
                self._fully_read_at = now
            else:
                recently = OVERLAP + timedelta(seconds=now - self._read_at)
                self._revoked |= self._queries.revoked_sessions(recently)
        except Busy:
            self._away_until = self._monotonic() + REFRESH_SECONDS
            self._fully_read_at = float("-inf")
            raise
        self._read_at = now
