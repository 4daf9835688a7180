"""Manage the screens: their names, seat plans, and whether they get new shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.audit import differences, record
from ticketing.domain.errors import refuse_faults
from ticketing.domain.programme.errors import ScreenNameTaken, ShowNotFound
from ticketing.domain.programme.ports import ProgrammeWork
from ticketing.domain.programme.screen import Screen, ScreenId, screen_name_fault
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.unit_of_work import Transactions


@dataclass(frozen=True, slots=True)
class KeptShow:
    """A show that keeps its plan, because of these seats: labels, ascending by number."""

    show: ShowId
    seats: Sequence[str]


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A screen with its plan, and which of its future shows got it."""

    screen: Screen
    shows_changed: Sequence[ShowId]
    shows_kept: Sequence[KeptShow]


class ScreenService:
    """For the cinema's staff. ``by`` is the account of the caller, None for the command line."""

    def __init__(self, transactions: Transactions[ProgrammeWork]) -> None:
        self._transact = transactions

    def add(self, screen: Screen, *, dry_run: bool = False, by: AccountId | None = None) -> Screen:
        """Add a screen; a ``dry_run`` saves nothing. Raises InvalidFields and ScreenNameTaken."""
        refuse_faults(name=screen_name_fault(screen.name))

        def work(uow: ProgrammeWork) -> Screen:
            if uow.screens.find_name(screen.name):
                raise ScreenNameTaken()
            return screen if dry_run else add_screen(uow, screen, by)

        return self._transact(work)

    def change(
        self,
        screen_id: ScreenId,
        *,
        name: str | None = None,
        retired: bool | None = None,
        by: AccountId | None = None,
    ) -> Screen:
        """Rename a screen, retire it or take it back; None keeps what it is.

        A retired screen gets no new shows; it keeps those that it has. Raises ScreenNotFound,
        ScreenNameTaken and InvalidFields.
        """
        refuse_faults(name=None if name is None else screen_name_fault(name))

        def work(uow: ProgrammeWork) -> Screen:
            screen = changed = uow.screens.lock(screen_id)
            if name is not None:
                other = uow.screens.find_name(name)
                if other and other.id != screen_id:
                    raise ScreenNameTaken()
                changed = replace(changed, name=name.strip())
            if retired is not None and retired != changed.is_retired:
                changed = replace(changed, retired_at=uow.now() if retired else None)
            if changed != screen:
                uow.screens.save(changed)
                changes = differences(_facts(screen), _facts(changed))
                record(uow, by, "screen.changed", "screen", screen_id, **changes)
            return changed

        return self._transact(work)

    def change_plan(
        self,
        screen_id: ScreenId,
        plan: SeatPlan,
        *,
        dry_run: bool = False,
        by: AccountId | None = None,
    ) -> PlanChange:
        """Give the screen another plan; then its future shows, each in a transaction of its own.

        A show keeps its plan while it has active bookings, live holds or blocked seats. A
        ``dry_run`` changes nothing, and returns what would change. Repeat the call to finish one
        that was interrupted. Raises ScreenNotFound.
        """

        def save(uow: ProgrammeWork) -> tuple[Screen, list[ShowId]]:
            screen = uow.screens.get(screen_id) if dry_run else uow.screens.lock(screen_id)
            changed = screen if screen.plan == plan else replace(screen, plan=plan)
            if changed is not screen and not dry_run:
                changed = uow.screens.save(changed)
                seats = [each.total_seats for each in (screen.plan, plan)]
                record(uow, by, "screen.plan_changed", "screen", screen_id, seats=seats)
            return changed, uow.shows.upcoming_on(screen_id, uow.now())

        screen, show_ids = self._transact(save)
        changed, kept = [], []
        for show_id in show_ids:
            follow = partial(_follow, show_id=show_id, screen=screen, dry_run=dry_run, by=by)
            outcome = self._transact(follow)
            if isinstance(outcome, KeptShow):
                kept.append(outcome)
            elif outcome is not None:
                changed.append(outcome)
        return PlanChange(screen, changed, kept)


def _follow(
    uow: ProgrammeWork, show_id: ShowId, screen: Screen, dry_run: bool, by: AccountId | None
) -> ShowId | KeptShow | None:
    """Give the show its screen's plan. Return the show if it gets it, and None if it needs none.

    The show and its seats are locked before the screen, as in every transaction. The screen may
    have got yet another plan meanwhile: the show gets that one.
    """
    try:
        show = uow.shows.get(show_id) if dry_run else uow.shows.lock(show_id)
    except ShowNotFound:
        return None
    current = screen if dry_run else uow.screens.lock(show.screen.id)
    if show.screen.id != screen.id or not _is_upcoming(uow, show) or show.plan == current.plan:
        return None
    if numbers := uow.shows.seats_in_use(show, uow.now()):
        return KeptShow(show_id, [show.plan.seat(number).label for number in numbers])
    if not dry_run:
        uow.holds.release_all(show_id, uow.now())  # expired ones, which could be booked until now
        uow.shows.save(replace(show, screen=current, plan=current.plan))
        seats = [each.total_seats for each in (show.plan, current.plan)]
        record(uow, by, "show.plan_changed", "show", show_id, seats=seats)
    return show_id


def _is_upcoming(uow: ProgrammeWork, show: Show) -> bool:
    return show.cancelled_at is None and show.starts_at > uow.now()


def add_screen(uow: ProgrammeWork, screen: Screen, by: AccountId | None) -> Screen:
    """Add a screen, and record who added it."""
    added = uow.screens.add(screen)
    seats = added.plan.total_seats
    record(uow, by, "screen.added", "screen", added.id, name=added.name, seats=seats)
    return added


def _facts(screen: Screen) -> dict[str, object]:
    retired_at = screen.retired_at
    return {
        "name": screen.name,
        "retired_at": retired_at.isoformat() if retired_at else None,
    }
