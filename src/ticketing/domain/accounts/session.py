"""A session: what logging in opens, and every token names.

Refresh tokens rotate as RFC 9700 (4.14.2) advises: each use makes a successor, and a second use
betrays that the token was copied, which ends the session for thief and owner alike. Clients lose
answers, though, so for half a minute a repeat gets the same successor as long as nobody used it.

A session counts its refresh tokens: of generation n only n is good. Nothing secret is stored.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NewType

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.accounts.errors import TokenInvalid, TokenRevoked

SessionId = NewType("SessionId", str)

LONGEST_ACCESS = timedelta(days=1)
"""No access token lives longer, so a session is kept that long after it expired."""

REPEAT_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """``generation`` is that of the one good refresh token, made at ``renewed_at``."""

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
        """Raises TokenRevoked when it is over, TokenInvalid when it is of the other sort."""
        if self.revoked_at is not None or now >= self.expires_at:
            raise TokenRevoked()
        if self.rotates != rotates:
            raise TokenInvalid("This refresh token is renewed on another path.")

    def renew(self, generation: int, *, now: datetime, lifetime: timedelta) -> "Session":
        """The session after its refresh token of ``generation`` was used.

        It comes back revoked when that token was used before, except for a repeat within half a
        minute while the successor is unused, which changes nothing. Raises as ``check`` does.
        """
        self.check(now, rotates=True)
        if generation == self.generation:
            return replace(
                self, generation=generation + 1, renewed_at=now, expires_at=now + lifetime
            )
        if generation == self.generation - 1 and now < self.renewed_at + REPEAT_WITHIN:
            return self
        return self.revoked(now)

    def revoked(self, at: datetime) -> "Session":
        return self if self.revoked_at is not None else replace(self, revoked_at=at)
