"""What the commands need of the application. It is built when the first of them asks for it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar
from zoneinfo import ZoneInfo

import click

from ticketing.domain.accounts.account import Account
from ticketing.domain.box_office import BoxOffice
from ticketing.entrypoints.cli.findings import Finding

P = ParamSpec("P")
T = TypeVar("T")


class CannotRun(Exception):
    """Something that whoever operates this has to put right first: a setting, an old schema."""


class Tools(Protocol):
    """The application's handles. Making it raises CannotRun where the settings are faulty."""

    @property
    def timezone(self) -> ZoneInfo:
        """The cinema's."""

    @property
    def is_production(self) -> bool: ...

    @property
    def workers(self) -> int:
        """Server processes, where the command line does not say."""

    @property
    def threads(self) -> int:
        """Threads of each, likewise."""

    def now(self) -> datetime: ...

    def as_demo(self) -> "Tools":
        """The same with lenient password rules, unless they are set; for served workers too."""

    def box_office(self) -> BoxOffice:
        """The open store's. Raises CannotRun naming ``ticketing migrate`` for an old schema.

        A newer one is only warned of: it is what an upgrade makes before it replaces the servers.
        """

    def access_tokens(self) -> Callable[[Account], str]:
        """What makes access tokens that servers with the same settings take."""

    def migrate(self, *, sql: bool = False, wait: float = 2) -> None:
        """Bring the schema up to date, or only print the SQL that would.

        A store that cannot be reached is waited for so many seconds. Raises CannotRun.
        """

    def check_migrations(self) -> None:
        """Raises CannotRun where the schema is not what the code expects, saying how."""

    def distribute(self) -> bool:
        """Spread an empty store over the nodes of its cluster; False where it is already.

        Raises CannotRun where that cannot be, saying why.
        """

    def demand_address(self, host: str, port: int) -> None:
        """Raises OSError where ``serve`` could not have it."""

    def examine(self, servers: int) -> Iterator[Finding]:
        """What is well with an installation of so many servers, and what is not."""

    def serve(
        self, host: str, port: int, workers: int, threads: int, announce: Callable[[], None]
    ) -> None:
        """Serve until told to stop; ``announce`` is called once, when the port is ours.

        Raises CannotRun for an old schema, OSError where the address cannot be had.
        """


def with_tools(command: Callable[Concatenate[Tools, P], T]) -> Callable[P, T]:
    """Hand the Tools to a command as its first argument."""

    @wraps(command)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return command(click.get_current_context().obj(), *args, **kwargs)

    return call
