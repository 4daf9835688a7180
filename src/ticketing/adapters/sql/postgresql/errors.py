"""The meaning of PostgreSQL's errors."""

import psycopg2

from ticketing.domain.errors import Busy, NotReady, OutcomeUnknown, StorageFull, Unreachable

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_NOT_COMMITTED = {"40001", "40P01"}  # serialization failure, deadlock: rolled back for sure
_OF_NO_USE = {
    "25006",  # read-only: a standby before its promotion, or a former primary
    "0A000", "26000",  # a prepared statement no longer fits the schema, or is gone
}  # fmt: skip
_AWAY = {"57P01", "57P02", "57P03"}  # shutting down, crashed, starting up
_AGAIN = _NOT_COMMITTED | _OF_NO_USE | {
    "55P03",  # lock not available
    "57014",  # cancelled: the statement took too long
    "57P05",  # idle too long
    "25P03",  # idle in a transaction for too long
    "53300",  # too many connections
    "23503", "23505",  # a concurrent transaction took the name or deleted the row
    "42710", "42P07",  # a concurrent migration created the same table or type
}  # fmt: skip
_CONNECTION_EXCEPTION = "08"
_NOT_MIGRATED = {"42P01", "42703"}  # no such table, no such column
_FULL = {"53100", "58030"}  # disk full, I/O error


def refusal(error: BaseException) -> Busy | None:
    """Return what an error before the commit means; None for a bug of ours."""
    if not isinstance(error, psycopg2.Error):
        return None
    state = error.pgcode
    if state in _NOT_MIGRATED:
        return NotReady()
    if state in _FULL:
        return StorageFull()
    if state in _AGAIN:
        return Busy()
    if state in _AWAY or (state or "").startswith(_CONNECTION_EXCEPTION):
        return Unreachable()
    lost = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
    return Unreachable() if state is None and lost else None


def refusal_of_commit(error: BaseException) -> Busy:
    """Return what an error in answer to a commit means."""
    known = isinstance(error, psycopg2.Error) and error.pgcode in _NOT_COMMITTED
    return Busy() if known else OutcomeUnknown()


def is_of_no_use(error: BaseException) -> bool:
    """Return whether the connection must be replaced."""
    return isinstance(error, psycopg2.Error) and error.pgcode in _OF_NO_USE


def remove_details(error: BaseException) -> None:
    """Keep only the primary message: DETAIL quotes the row, which may have personal data."""
    if isinstance(error, psycopg2.Error) and error.diag.message_primary:
        error.args = (error.diag.message_primary,)
