"""Whether the messages to customers are sent."""

from collections.abc import Iterator

from ticketing.domain.messages.message import Message, OfferMessage, ShowMessage
from ticketing.domain.messages.ports import MessageQueries
from ticketing.entrypoints.cli.doctor.findings import Finding, ok, warning

MAX_LISTED = 20
_AREA = "messages"


def check_messages(queries: MessageQueries) -> Iterator[Finding]:
    """Raises Busy."""
    counts = queries.message_counts()
    for message in queries.failed_messages(MAX_LISTED):
        yield warning(
            _AREA,
            f"{_named(message)} could not be sent for a day from {message.created_at:%Y-%m-%d} on.",
            "Inform the customer: the log has the reasons.",
        )
    if counts.failed > MAX_LISTED:
        yield warning(_AREA, f"{counts.failed - MAX_LISTED} more could not be sent.")
    if counts.retried:
        yield warning(
            _AREA,
            f"{counts.retried} of {counts.waiting} waiting messages were attempted several times.",
            "Check the mail server: the log has the reason for each attempt.",
        )
    elif not counts.failed:
        yield ok(_AREA, "No message to a customer is late.")


def _named(message: Message) -> str:
    """Without the name in a request to reset a password."""
    match message:
        case OfferMessage():
            return f"An offer for show {message.show_id} to account {message.account_id}"
        case ShowMessage():
            return f"The cancellation of show {message.show_id} to account {message.account_id}"
    return "A link to reset a password"
