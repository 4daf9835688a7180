"""Orphans: single seats that a choice leaves alone, and that are hardly ever sold."""

from collections.abc import Iterator, Sequence, Set
from datetime import datetime, timedelta
from heapq import nsmallest

from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import OrphanRule
from ticketing.domain.sales.errors import OrphanSeat

MAX_OCCUPANCY = 0.85
LAST_HOUR = timedelta(hours=1)
MAX_ALTERNATIVES = 3


def orphan_seats(plan: SeatPlan, ordinary: Set[SeatNumber], chosen: Set[int]) -> list[SeatNumber]:
    """Return the seats that choosing ``chosen`` newly makes orphans, ascending.

    ``ordinary`` are the free seats before the choice, without wheelchair spaces and companion
    seats that are kept. An orphan has neither of them beside it, and had one.
    """

    def is_left(number: SeatNumber) -> bool:
        return number in ordinary and number not in chosen

    taken = (number for number in chosen if number in ordinary)
    beside = {neighbour for number in taken for neighbour in _neighbours(plan, number)}
    return sorted(
        number
        for number in filter(is_left, beside)
        if not any(map(is_left, _neighbours(plan, number)))
    )


def check_orphans(
    rule: OrphanRule,
    plan: SeatPlan,
    free: Set[SeatNumber],
    kept: Set[SeatNumber],
    chosen: Sequence[SeatNumber],
    *,
    starts_at: datetime,
    now: datetime,
    is_staff: bool,
) -> list[SeatNumber]:
    """Return the orphans to warn of. Raises OrphanSeat where the rule is enforced.

    ``free`` are the free seats before the choice, ``kept`` the wheelchair spaces and companion
    seats that are not released. Choices are not judged in the last hour before the show, above
    85 % occupancy, of the staff, or where no other choice of that size is left.
    """
    occupancy = 1 - len(free) / plan.total_seats
    is_late = now > starts_at - LAST_HOUR
    if rule is OrphanRule.OFF or is_staff or is_late or occupancy > MAX_OCCUPANCY:
        return []
    ordinary = free - kept
    orphans = orphan_seats(plan, ordinary, {*chosen})
    alternatives = _alternatives(plan, ordinary, chosen) if orphans else []
    if not alternatives:
        return []
    if rule is OrphanRule.ENFORCE:
        raise OrphanSeat(
            orphans=[plan.seat(number).label for number in orphans],
            alternatives=[[plan.seat(number).label for number in seats] for seats in alternatives],
        )
    return orphans


def _alternatives(
    plan: SeatPlan, ordinary: Set[SeatNumber], chosen: Sequence[SeatNumber]
) -> list[range]:
    """Return the nearest choices of as many seats, side by side, that leave no orphan."""
    count = len(chosen)
    seats = [plan.seat(number) for number in chosen]
    x, y = sum(seat.x for seat in seats) / count, sum(seat.y for seat in seats) / count

    def squared_distance(choice: range) -> tuple[float, int]:
        first, last = plan.seat(choice[0]), plan.seat(choice[-1])
        dx, dy = (first.x + last.x) / 2 - x, (first.y + last.y) / 2 - y
        return dx * dx + dy * dy, choice.start

    return nsmallest(MAX_ALTERNATIVES, _clean_choices(plan, ordinary, count), squared_distance)


def _clean_choices(plan: SeatPlan, ordinary: Set[SeatNumber], count: int) -> Iterator[range]:
    """Yield the choices of ``count`` neighbours that leave no orphan at either end."""
    for block in plan.blocks:
        first = block.start
        for stop in range(block.start, block.stop + 1):
            if stop == block.stop or stop not in ordinary:
                for start in range(first, stop - count + 1):
                    if start - first != 1 and stop - start - count != 1:
                        yield range(start, start + count)
                first = stop + 1


def _neighbours(plan: SeatPlan, number: int) -> list[SeatNumber]:
    block = plan.block_of(number)
    return [SeatNumber(beside) for beside in (number - 1, number + 1) if beside in block]
