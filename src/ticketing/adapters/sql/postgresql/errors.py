"""The meaning of PostgreSQL's errors."""

import psycopg2

from ticketing.domain.errors import Busy, Locked, NotReady, OutcomeUnknown, StorageFull, Unreachable

# By SQLSTATE, or by its class, the first two characters; all others are bugs of ours.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_MEANINGS: dict[str, type[Busy]] = {
    "08": Unreachable,  # connection exception; PgBouncer's own refusals too
    "0A000": Busy,  # a prepared statement no longer fits the schema
    "23503": Busy, "23505": Busy,  # a concurrent transaction took the name or deleted the row
    "25006": Busy,  # read-only: a standby before its promotion, or a former primary
    "25P03": Busy, "25P04": Busy,  # a transaction that was idle, or open, for too long
    "26000": Busy,  # a prepared statement is gone
    "28": Unreachable,  # the password or pg_hba.conf has changed
    "3D": Unreachable,  # the database does not exist
    "40": Busy,  # rolled back: serialization failure, deadlock
    "42P01": NotReady, "42703": NotReady,  # no such table, no such column
    "42710": Busy, "42P07": Busy,  # a concurrent migration created the same table or type
    "53": Busy,  # too many connections, out of memory
    "53100": StorageFull,  # disk full
    "55006": Busy,  # in use
    "55P03": Locked,
    "57": Busy,  # the statement took too long, the session was idle for too long
    "57P01": Unreachable, "57P02": Unreachable, "57P03": Unreachable,  # ending, crashed, starting
    "57P04": Unreachable,  # the database was dropped
    "58": StorageFull,  # I/O error, missing file
    "72": Busy,  # snapshot too old
}  # fmt: skip
_NOT_COMMITTED = {"40001", "40P01"}  # serialization failure, deadlock: rolled back for sure
_DISCARDING = {"0A000", "25006", "26000"}  # what a new connection, perhaps elsewhere, may fix


def refusal(error: BaseException) -> Busy | None:
    """Return what an error before the commit means; None for a bug of ours."""
    if not isinstance(error, psycopg2.Error):
        return None
    state = error.pgcode
    if state is None:
        return Unreachable() if _is_lost(error) else None
    meaning = _MEANINGS.get(state) or _MEANINGS.get(state[:2])
    return meaning() if meaning else None


def refusal_of_commit(error: BaseException) -> Busy:
    """Return what an error in answer to a commit means."""
    known = isinstance(error, psycopg2.Error) and error.pgcode in _NOT_COMMITTED
    return Busy() if known else OutcomeUnknown()


def discards_connection(error: BaseException) -> bool:
    """Return whether the connection must be replaced."""
    known = isinstance(error, psycopg2.Error) and error.pgcode in _DISCARDING
    return known or isinstance(refusal(error), Unreachable)


def remove_details(error: BaseException) -> None:
    """Keep only the primary message: DETAIL quotes the row, which may have personal data."""
    if isinstance(error, psycopg2.Error) and error.diag.message_primary:
        error.args = (error.diag.message_primary,)


def _is_lost(error: psycopg2.Error) -> bool:
    """Return whether an error that the server did not send means that the connection is lost.

    The driver raises a bare DatabaseError where libpq has neither an answer nor a message, as after
    a restart that it did not notice.
    """
    if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
        return True
    if type(error) is psycopg2.DatabaseError:
        return True
    return error.cursor is not None and bool(error.cursor.connection.closed)
