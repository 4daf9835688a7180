"""A requested show, and how it becomes a show."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import NotFound, refuse_faults
from ticketing.domain.programme.movie import MovieId
from ticketing.domain.programme.ports import ProgrammeWork
from ticketing.domain.programme.screen import Screen, ScreenId, screen_name_fault
from ticketing.domain.programme.screen_service import add_screen
from ticketing.domain.programme.seat_plans.numbers import seats_fault
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import OrphanRule, Show
from ticketing.domain.times import moment_fault

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDraft:
    """The requested values of a show; None means not given.

    The screen is given by its id or its name. If ``total_seats`` differs from the screen's, the
    show gets its own plan, in rows of ten.
    """

    movie_id: MovieId | None = None
    screen_id: ScreenId | None = None
    screen_name: str | None = None
    starts_at: datetime | None = None
    total_seats: int | None = None
    orphan_rule: OrphanRule | None = None
    cancelled: bool = False


def drafted(uow: ProgrammeWork, draft: ShowDraft, show: Show | None, by: AccountId | None) -> Show:
    """Return the show for ``draft``; values that it does not give are those of ``show``.

    An unknown ``screen_name`` with ``total_seats`` creates the screen. Raises InvalidFields for
    all missing, invalid or unknown values, and ShowCancelled.
    """
    movie = _find(uow.movies.get, draft.movie_id, show.movie if show else None)
    screen = _screen(uow, draft, show)
    starts_at = draft.starts_at or (show.starts_at if show else None)
    refuse_faults(
        movie_id=None if movie else "There is no such movie.",
        starts_at=moment_fault(starts_at) if starts_at else "A start time is required.",
        **_screen_faults(draft, screen),
    )
    assert movie and screen and starts_at  # else refuse_faults raised
    if not screen.id:
        screen = add_screen(uow, screen, by)
    plan = screen.plan
    if draft.total_seats is None:
        plan = show.plan if show and show.screen == screen else plan
    elif draft.total_seats != plan.total_seats:
        plan = plain_grid(draft.total_seats)
    if show is None:
        return replace(
            Show.new(movie, screen, starts_at, plan),
            orphan_rule=draft.orphan_rule or OrphanRule.OFF,
        )
    return show.rescheduled(movie=movie, screen=screen, starts_at=starts_at, plan=plan)


def _find(get: Callable[[K], V], id_: K | None, known: V | None) -> V | None:
    """Return what has that id, or ``known`` without an id; None if it does not exist."""
    if id_ is None:
        return known
    with suppress(NotFound):
        return get(id_)
    return None


def _screen(uow: ProgrammeWork, draft: ShowDraft, show: Show | None) -> Screen | None:
    """Return the screen of the draft; a new one has no id."""
    if draft.screen_name is None:
        return _find(uow.screens.get, draft.screen_id, show.screen if show else None)
    known = uow.screens.find_name(draft.screen_name)
    if known or draft.total_seats is None or seats_fault(draft.total_seats):
        return known
    return Screen(name=draft.screen_name.strip(), plan=plain_grid(draft.total_seats))


def _screen_faults(draft: ShowDraft, screen: Screen | None) -> dict[str, str | None]:
    faults: dict[str, str | None] = {}
    if draft.total_seats is not None:
        faults["total_seats"] = seats_fault(draft.total_seats)
    if draft.screen_name is not None:
        faults["screen_name"] = screen_name_fault(draft.screen_name)
    if screen is None and draft.screen_name is not None:
        faults.setdefault("total_seats", "Required for a new screen.")
    elif screen is None:
        faults["screen_id"] = "There is no such screen."
    return faults
