"""The meaning of each error of PostgreSQL's driver."""

import inspect
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from psycopg2 import errorcodes, errors

from ticketing.adapters.sql.postgresql.errors import (
    discards_connection,
    refusal,
    refusal_of_commit,
)
from ticketing.domain.errors import Busy, Locked, NotReady, OutcomeUnknown, StorageFull, Unreachable

BUG = type(None)

CLASSES = {
    "01": BUG,  # warning
    "02": BUG,  # no data
    "03": BUG,  # SQL statement not yet complete
    "08": Unreachable,  # connection exception
    "09": BUG,  # triggered action exception
    "0A": Busy,  # feature not supported: above all a plan that must change its result type
    "0B": BUG,  # invalid transaction initiation
    "0F": BUG,  # locator exception
    "0L": BUG,  # invalid grantor
    "0P": BUG,  # invalid role specification
    "0Z": BUG,  # diagnostics exception
    "10": BUG,  # XQuery error
    "20": BUG,  # case not found
    "21": BUG,  # cardinality violation
    "22": BUG,  # data exception
    "23": BUG,  # integrity constraint violation: not null, check, exclusion
    "24": BUG,  # invalid cursor state
    "25": BUG,  # invalid transaction state
    "26": Busy,  # invalid statement name: the session was reset
    "27": BUG,  # triggered data change violation
    "28": Unreachable,  # invalid authorisation
    "2B": BUG,  # dependent privilege descriptors still exist
    "2D": BUG,  # invalid transaction termination
    "2F": BUG,  # SQL routine exception
    "34": BUG,  # invalid cursor name
    "38": BUG,  # external routine exception
    "39": BUG,  # external routine invocation exception
    "3B": BUG,  # savepoint exception
    "3D": Unreachable,  # invalid catalog name: no such database
    "3F": BUG,  # invalid schema name
    "40": Busy,  # transaction rollback
    "42": BUG,  # syntax error or access rule violation
    "44": BUG,  # WITH CHECK OPTION violation
    "53": Busy,  # insufficient resources
    "54": BUG,  # program limit exceeded
    "55": BUG,  # object not in prerequisite state
    "57": Busy,  # operator intervention
    "58": StorageFull,  # system error: the disk
    "72": Busy,  # snapshot too old
    "F0": BUG,  # configuration file error
    "HV": BUG,  # foreign data wrapper
    "P0": BUG,  # PL/pgSQL: no procedure of ours
    "XX": BUG,  # internal error
}
EXCEPTIONS = {
    "23503": Busy,  # foreign key: another transaction deleted the row
    "23505": Busy,  # unique: another transaction took the name
    "25006": Busy,  # read-only transaction: not the primary any more
    "25P03": Busy,  # idle in a transaction for too long
    "25P04": Busy,  # transaction took too long
    "42P01": NotReady,  # no such table
    "42703": NotReady,  # no such column
    "42710": Busy,  # a concurrent migration created the type
    "42P07": Busy,  # a concurrent migration created the table
    "53100": StorageFull,  # disk full
    "55006": Busy,  # in use
    "55P03": Locked,
    "57P01": Unreachable,  # shutting down
    "57P02": Unreachable,  # crashed
    "57P03": Unreachable,  # starting up
    "57P04": Unreachable,  # the database was dropped
}
STATES = sorted(
    state
    for name, state in vars(errorcodes).items()
    if name.isupper() and isinstance(state, str) and len(state) == 5 and state != "00000"
)
BARE = [
    each
    for each in (*vars(psycopg2).values(), *vars(psycopg2.extensions).values())
    if inspect.isclass(each) and issubclass(each, psycopg2.Error)
]


def an_error(state):
    try:
        error = errors.lookup(state)("what the server says")
    except KeyError:  # psycopg2 has no class of its own for warnings
        error = psycopg2.DatabaseError("what the server says")
    error.__setstate__({"pgcode": state})
    return error


def test_every_class_of_the_driver_is_known():
    assert {state[:2] for state in STATES} == CLASSES.keys()
    assert EXCEPTIONS.keys() <= set(STATES)


@pytest.mark.parametrize("state", STATES)
def test_an_error_of_the_server(state):
    meaning = refusal(an_error(state))
    assert type(meaning) is EXCEPTIONS.get(state, CLASSES[state[:2]])


@pytest.mark.parametrize("error", BARE)
def test_an_error_that_the_server_did_not_send(error):
    lost = issubclass(error, psycopg2.OperationalError | psycopg2.InterfaceError)
    lost |= error is psycopg2.DatabaseError
    assert type(refusal(error("no answer"))) is (Unreachable if lost else BUG)
    assert discards_connection(error("no answer")) == lost


def test_any_error_on_a_closed_connection():
    closed = SimpleNamespace(connection=SimpleNamespace(closed=2))

    class Error(psycopg2.InternalError):
        cursor: Any = closed

    assert type(refusal(Error("no answer"))) is Unreachable
    closed.connection.closed = 0
    assert refusal(Error("no answer")) is None


def test_an_error_of_another_library():
    assert refusal(KeyError()) is None
    assert not discards_connection(KeyError())


@pytest.mark.parametrize("state", STATES)
def test_an_answer_to_a_commit(state):
    """Only what certainly rolled back is certain."""
    certain = state in ("40001", "40P01")
    assert type(refusal_of_commit(an_error(state))) is (Busy if certain else OutcomeUnknown)


@pytest.mark.parametrize(
    ("state", "is_discarded"),
    [
        ("0A000", True),
        ("25006", True),
        ("26000", True),
        ("57P01", True),
        ("08006", True),
        ("40001", False),
        ("53100", False),
        ("22012", False),
    ],
)
def test_a_new_connection_is_needed(state, is_discarded):
    assert discards_connection(an_error(state)) == is_discarded
