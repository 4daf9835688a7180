"""Wheelchair spaces and companion seats: for whom they are kept, and until when."""

from collections.abc import Collection, Set

from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.sales.errors import CompanionSeat


def kept_seats(
    plan: SeatPlan, free: Set[SeatNumber], held: Set[SeatNumber]
) -> frozenset[SeatNumber]:
    """Return the wheelchair spaces and companion seats that are not released to everybody.

    Those of a category are released when no other seat of it is free or held
    (28 CFR 36.302(f)(5)).
    """
    accessible = {seat.number for seat in plan.accessible_seats}
    if not accessible:
        return frozenset()
    open_categories = {
        seat.category
        for seat in plan.seats()
        if seat.number not in accessible and (seat.number in free or seat.number in held)
    }
    kept = (seat.number for seat in plan.accessible_seats if seat.category in open_categories)
    return frozenset(kept)


def require_wheelchair_spaces(
    plan: SeatPlan,
    chosen: Collection[SeatNumber],
    owned: Collection[SeatNumber],
    kept: Set[SeatNumber],
) -> None:
    """Raise CompanionSeat for chosen companion seats whose spaces are neither chosen nor owned.

    ``owned`` are the seats of the show that the account has; ``kept`` those not released.
    """
    spaces = {*chosen, *owned}
    alone = [
        seat.label
        for seat in map(plan.seat, chosen)
        if seat.companion_of and seat.number in kept and spaces.isdisjoint(seat.companion_of)
    ]
    if alone:
        raise CompanionSeat(seats=alone)
