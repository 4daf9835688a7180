"""Send the messages of the outbox."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from ticketing.domain.messages.message import RETENTION, Message
from ticketing.domain.messages.ports import MessageQueries, MessageWork, NotSent
from ticketing.domain.unit_of_work import Transactions

MAX_AT_ONCE = 5
"""Of the messages about shows, and of the others."""


def report_nothing(kind: str, outcome: str) -> None:
    """For a sender without metrics."""


@dataclass(frozen=True, slots=True)
class SendingService:
    """Sends each message at least once, whatever dies meanwhile.

    ``deliver`` sends the mail of a message outside of any transaction; it returns False for a
    message that is out of date, and raises NotSent. ``report`` gets the outcome of each attempt:
    "sent", "out_of_date", "not_sent" or "failed".
    """

    transact: Transactions[MessageWork]
    queries: MessageQueries
    deliver: Callable[[Message], bool]
    report: Callable[[str, str], None] = report_nothing

    def send_due(self) -> None:
        """Send some messages that are due, in random order, so that several senders rarely meet.

        Stops at the first that the mail server does not take.
        """
        due = list(self.queries.due_messages(MAX_AT_ONCE))
        random.shuffle(due)
        for message in due:
            attempt = self._begin(message)
            if attempt is not None and not self._finish(attempt):
                return

    def _begin(self, message: Message) -> Message | None:
        """Return the attempt, None where another sender was faster or the message has failed."""

        def work(uow: MessageWork) -> Message | None:
            attempt = message.attempted(uow.now())
            return attempt if uow.outbox.save(message, attempt) else None

        attempt = self.transact(work)
        if attempt is not None and attempt.failed_at is not None:
            self.report(message.kind, "failed")
            return None
        return attempt

    def _finish(self, attempt: Message) -> bool:
        """Send and remove the message; False if the mail server did not take it."""
        try:
            is_sent = self.deliver(attempt)
        except NotSent:
            self.report(attempt.kind, "not_sent")
            return False
        self.transact(lambda uow: uow.outbox.remove(attempt))
        self.report(attempt.kind, "sent" if is_sent else "out_of_date")
        return True

    def purge(self) -> None:
        """Delete messages that failed long ago, some per transaction."""
        while self.transact(lambda uow: uow.outbox.purge_failed(uow.now() - RETENTION)):
            pass
