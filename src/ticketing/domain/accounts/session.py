"""A session: opened by a log-in, and named by each of its tokens.

Refresh tokens rotate as RFC 9700 (4.14.2) recommends: each use issues a successor. A second use
means that the token was copied, and ends the session. Because clients lose responses, a retry
within 30 seconds gets the same successor, as long as that is unused.

A session counts its refresh tokens: only the token of the current generation is valid. Nothing
secret is stored.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NewType

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.accounts.errors import TokenInvalid, TokenRevoked

SessionId = NewType("SessionId", str)

REFRESH_RETRY_WINDOW = timedelta(seconds=30)

USE_RECORDED_EVERY = timedelta(hours=1)

MAX_CLOCK_SKEW = timedelta(hours=1)
"""How far the clocks of servers, by which access tokens expire, may be from that of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPolicy:
    """The settings of sessions.

    A session ends ``lifetime`` after it was opened or last renewed. Of more than ``per_account``
    open ones, the least recently opened or renewed end.
    """

    lifetime: timedelta
    access_token_lifetime: timedelta
    per_account: int

    @property
    def kept_after_end(self) -> timedelta:
        """How long a session's access tokens may outlive it: until then, they must be refused."""
        return self.access_token_lifetime + MAX_CLOCK_SKEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """``generation`` is that of the valid refresh token, issued at ``renewed_at``.

    If the session does not rotate, ``renewed_at`` is its last use, at most an hour late.
    """

    id: SessionId
    account_id: AccountId
    rotates: bool
    generation: int
    renewed_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    @classmethod
    def open(
        cls, account_id: AccountId, *, rotates: bool, now: datetime, lifetime: timedelta
    ) -> "Session":
        return cls(
            id=SessionId(uuid.uuid4().hex),
            account_id=account_id,
            rotates=rotates,
            generation=1,
            renewed_at=now,
            expires_at=now + lifetime,
        )

    def check(self, now: datetime, *, rotates: bool) -> None:
        """Raise TokenRevoked if it has ended, TokenInvalid if its rotation differs."""
        if self.revoked_at is not None or now >= self.expires_at:
            raise TokenRevoked()
        if self.rotates != rotates:
            raise TokenInvalid("This refresh token is renewed on another path.")

    def renew(self, generation: int, *, now: datetime, lifetime: timedelta) -> "Session":
        """Return the session after a use of its refresh token of ``generation``.

        It is revoked where that token was already used, and unchanged for a retry within
        ``REFRESH_RETRY_WINDOW`` while the successor is unused. Raises as ``check`` does.
        """
        self.check(now, rotates=True)
        if generation == self.generation:
            return replace(
                self, generation=generation + 1, renewed_at=now, expires_at=now + lifetime
            )
        if generation == self.generation - 1 and now < self.renewed_at + REFRESH_RETRY_WINDOW:
            return self
        return self.revoked(now)

    def used(self, now: datetime) -> "Session":
        """Return a session that does not rotate after a use, which is recorded once an hour."""
        return self if now < self.renewed_at + USE_RECORDED_EVERY else replace(self, renewed_at=now)

    def revoked(self, at: datetime) -> "Session":
        return self if self.revoked_at is not None else replace(self, revoked_at=at)
