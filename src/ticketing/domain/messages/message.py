"""What to send and to whom, but no text, link or token: the sender makes those when it sends.

A message is due at once, and after each attempt again, with growing pauses for a day. An attempt
begins by setting the time of the next one. So a message whose sender died is treated like one that
the mail server refused, and during an attempt no other sender takes it.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Self

FIRST_PAUSE = timedelta(minutes=1)
"""Longer than an attempt. Each further pause is twice as long as the one before."""

MAX_AGE = timedelta(days=1)
"""A message that could not be sent until then has failed."""

RETENTION = timedelta(days=30)
"""How long messages that failed are kept, for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """``attempts`` have begun. The store identifies a message by ``id`` and what it is about."""

    kind: ClassVar[str]
    id: str
    created_at: datetime
    next_attempt_at: datetime
    attempts: int = 0
    failed_at: datetime | None = None

    def attempted(self, now: datetime) -> Self:
        """Return it as it is stored during an attempt, or as failed after the last one.

        The last attempt is a day after it was created, or later if no server ran at that time.
        """
        last = self.created_at + MAX_AGE
        if self.next_attempt_at > last:
            return replace(self, failed_at=now)
        pause = FIRST_PAUSE * 2**self.attempts
        after = max(now + FIRST_PAUSE, min(now + pause, last))
        return replace(self, attempts=self.attempts + 1, next_attempt_at=after)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetMessage(Message):
    """To the account of that ``name``, if there is one: a username or an e-mail address.

    By the hashes of the name and of the client's address, waiting messages are counted.
    """

    kind = "password_reset"
    name: str
    name_hash: str
    client_hash: str

    @classmethod
    def new(cls, name: str, name_hash: str, client_hash: str, now: datetime) -> Self:
        return cls(
            id=uuid.uuid4().hex,
            name=name,
            name_hash=name_hash,
            client_hash=client_hash,
            created_at=now,
            next_attempt_at=now,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowMessage(Message):
    """To an account, about a show."""

    show_id: int
    account_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCancelledMessage(ShowMessage):
    """The account had bookings of the show when that was cancelled."""

    kind = "show_cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMessage(ShowMessage):
    """Seats are offered to an entry of the waiting list."""

    kind = "offer"
    entry_id: str

    @classmethod
    def new(cls, show_id: int, account_id: int, entry_id: str, now: datetime) -> Self:
        return cls(
            id=f"{cls.kind}-{entry_id}",
            show_id=show_id,
            account_id=account_id,
            entry_id=entry_id,
            created_at=now,
            next_attempt_at=now,
        )
