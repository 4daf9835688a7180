"""Which sessions have ended though their access tokens have not.

An access token is checked without asking the store. So that a session's end still counts soon,
each process keeps the few sessions that were revoked within the life of an access token.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.session import SessionId
from ticketing.domain.errors import Busy

REFRESH_SECONDS = 1.0
_CLOCKS_DIFFER_BY = timedelta(minutes=5)


class Revocations:
    """Asks the store at most once a second, and only while somebody wants to know."""

    def __init__(
        self,
        queries: AccountQueries,
        token_lifetime: timedelta,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queries = queries
        self._reach = token_lifetime + _CLOCKS_DIFFER_BY
        self._clock = clock
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._revoked: frozenset[SessionId] = frozenset()
        self._fresh_until = float("-inf")
        self._away_until = float("-inf")

    def __contains__(self, session_id: SessionId) -> bool:
        """Whether the session was revoked, a second ago or longer. Raises Busy."""
        if self._monotonic() >= self._fresh_until:
            with self._guard:
                if self._monotonic() >= self._fresh_until:
                    self._refresh()
        return session_id in self._revoked

    def _refresh(self) -> None:
        """Who waited for somebody who asked in vain need not ask as well."""
        if self._monotonic() < self._away_until:
            raise Busy()
        asked_at = self._monotonic()
        try:
            self._revoked = self._queries.revoked_sessions(self._clock() - self._reach)
        except Busy:
            self._away_until = self._monotonic() + REFRESH_SECONDS
            raise
        self._fresh_until = asked_at + REFRESH_SECONDS
