"""The outbox, where messages wait until they are sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from ticketing.domain.messages.message import Message


class Outbox(Protocol):
    """The messages that are not sent yet, within one transaction.

    Without a mail server nothing is added.
    """

    def add(self, message: Message) -> None: ...

    def add_show_cancelled(self, show_id: int, at: datetime) -> None:
        """Add a ShowCancelledMessage to each account that has an address and active bookings."""

    def waiting(self, name_hash: str, client_hash: str) -> "WaitingResets":
        """Count the PasswordResetMessages of that name, and of that client."""

    def save(self, before: Message, after: Message) -> bool:
        """Store the changed message, and return True unless another sender changed it before."""

    def remove(self, message: Message) -> None: ...

    def remove_all_of(self, account_id: int) -> None:
        """Delete the messages about shows to the account."""

    def purge_failed(self, before: datetime) -> int:
        """Delete some messages that failed before then. Returns how many, 0 when none is left."""


class WaitingResets(NamedTuple):
    of_name: int
    of_client: int


class MessageWork(Protocol):
    """The slice of the store that the sender changes."""

    @property
    def outbox(self) -> Outbox: ...

    def now(self) -> datetime: ...


class MessageCounts(NamedTuple):
    """``waiting`` are all that did not fail, ``retried`` those of them with several attempts."""

    waiting: int
    retried: int
    failed: int


class MessageQueries(Protocol):
    """Every method raises Busy when the store does not respond.

    A list has up to ``limit`` messages about shows, then up to ``limit`` others, so that these are
    not behind all those of a cancelled show.
    """

    def due_messages(self, limit: int) -> Sequence[Message]:
        """Return messages whose next attempt is due, those that waited longest first."""

    def failed_messages(self, limit: int) -> Sequence[Message]:
        """Return messages that failed, the last ones first."""

    def message_counts(self) -> MessageCounts: ...


class NotSent(Exception):
    """The mail server did not take a mail. The reason is in the log."""
