"""Faults in a database."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from psycopg2.extensions import cursor
from sqlalchemy import Engine, event

AT_MOST = 10.0
"""The maximum wait, in seconds."""


@contextmanager
def held(url: str, movie_id: int) -> Iterator[Any]:
    """Another transaction has locked the movie until it is rolled back."""
    with closing(psycopg2.connect(url)) as connection:
        connection.cursor().execute("SELECT FROM movies WHERE id = %s FOR UPDATE", [movie_id])
        yield connection


class Once:
    """An action for the first call only."""

    def __init__(self, happens: Callable[[], object]) -> None:
        self._happens = happens
        self.happened = 0

    def __call__(self, *_: object) -> None:
        self.happened += 1
        if self.happened == 1:
            self._happens()


def watch(engine: Engine, sees: Callable[[str], object]) -> None:
    """Call a function with each statement before it is sent."""

    class Watched(cursor):
        def execute(self, query: Any, vars: Any = None) -> None:
            sees(str(query))
            super().execute(query, vars)

    @event.listens_for(engine, "connect")
    def hand_out(connection: Any, _record: Any) -> None:
        connection.cursor_factory = Watched


def before(engine: Engine, statement: str, happens: Callable[[], object]) -> None:
    """Run an action before the engine sends that statement."""
    watch(engine, lambda sent: statement in sent and happens())


def terminate(admin: Any, name: str = "troubled") -> None:
    """End the sessions of that application, and wait until they have ended."""
    admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", [name]
    )
    assert admin.fetchall()
    gone(admin, name)


def gone(admin: Any, name: str = "troubled") -> None:
    """Wait until that application has no session any more."""
    deadline = time.monotonic() + AT_MOST
    while True:
        admin.execute("SELECT FROM pg_stat_activity WHERE application_name = %s", [name])
        if not admin.fetchall():
            return
        assert time.monotonic() < deadline
        time.sleep(0.005)
