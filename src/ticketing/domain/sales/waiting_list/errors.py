"""Refusals about waiting lists."""

from ticketing.domain.errors import Conflict, NotFound


class EntryNotFound(NotFound):
    code = "waiting_list_entry_not_found"
    default = "There is no such entry of a waiting list."


class SeatsAvailable(Conflict):
    code = "seats_available"
    default = "There are seats for that many people now."


class AlreadyWaiting(Conflict):
    """``facts["entry"]`` is the account's active entry."""

    code = "already_waiting"
    default = "This account is on the waiting list of this show already."
