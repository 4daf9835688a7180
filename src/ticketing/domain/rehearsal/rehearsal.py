"""A rehearsal: an on-sale that is tried on a show of its own, by customers of its own.

Its show is marked from the beginning to the end: no real show ever becomes one, and only what is
marked is cleaned up. Its customers have accounts that name the rehearsal and have no password. Only
they are sold seats.
"""

import secrets
from dataclasses import dataclass, replace

from ticketing.domain.errors import Conflict
from ticketing.domain.programme.show import Show, ShowId


class NotARehearsal(Conflict):
    code = "not_a_rehearsal"
    default = "This show is a real one: nothing of it is cleaned up."


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A show that is marked, and what its customers are called without their number."""

    name: str
    show: Show


def new_name() -> str:
    return f"rehearsal-{secrets.token_hex(5)}"


def twin_of(show: Show) -> Show:
    """A new show just like this one, to be rehearsed on."""
    return replace(show, id=ShowId(0), rehearsal=True)


def require_rehearsal(show: Show) -> None:
    """Raises NotARehearsal."""
    if not show.rehearsal:
        raise NotARehearsal()
