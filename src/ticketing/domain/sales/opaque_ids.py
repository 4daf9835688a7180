"""Opaque ids of what belongs to a show. They name it, so that one machine of a store is asked."""

import re

from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import CROCKFORD_BASE_32, random_characters

_RANDOM_CHARACTERS = 16
_ID = re.compile(f"([1-9][0-9]{{0,17}})-[{CROCKFORD_BASE_32}]{{{_RANDOM_CHARACTERS}}}")


def new_opaque_id(show_id: ShowId) -> str:
    """Return an id that was never used, and cannot be guessed."""
    return f"{show_id}-{random_characters(_RANDOM_CHARACTERS)}"


def show_named_by(opaque_id: str) -> ShowId | None:
    """Return the show that the id names; None for a malformed id."""
    named = _ID.fullmatch(opaque_id)
    return ShowId(int(named[1])) if named else None
