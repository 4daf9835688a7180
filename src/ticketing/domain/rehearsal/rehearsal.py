"""A rehearsal: a trial on-sale on its own show, by its own customers.

Its show is marked when it is created: a real show never becomes a rehearsal, and only marked shows
are cleaned up. Its customers have accounts that name the rehearsal and have no password. Only they
can buy.
"""

import secrets
from dataclasses import dataclass, replace

from ticketing.domain.errors import Conflict
from ticketing.domain.programme.show import Show, ShowId


class NotARehearsal(Conflict):
    code = "not_a_rehearsal"
    default = "This show is not a rehearsal, so it is not cleaned up."


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A marked show, and the prefix of its customers' names."""

    name: str
    show: Show


def new_name() -> str:
    return f"rehearsal-{secrets.token_hex(5)}"


def twin_of(show: Show) -> Show:
    """Return a new rehearsal show just like this one."""
    return replace(show, id=ShowId(0), rehearsal=True)


def require_rehearsal(show: Show) -> None:
    """Raise NotARehearsal for a real show."""
    if not show.rehearsal:
        raise NotARehearsal()
