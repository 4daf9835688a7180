"""How a draft becomes a seat plan."""

from ticketing.domain.programme.seat_plans.checks import check_draft
from ticketing.domain.programme.seat_plans.draft import Draft
from ticketing.domain.programme.seat_plans.faults import Findings
from ticketing.domain.programme.seat_plans.model import SeatPlan, Section, Side
from ticketing.domain.programme.seat_plans.neighbours import ordered_row


def seat_plan(draft: Draft, findings: Findings) -> SeatPlan:
    """Return the plan. Adds warnings; raises InvalidPlan with all faults, also those before."""
    check_draft(draft, findings)
    findings.refuse_faults()
    sections = []
    first = 1
    for drafted in draft.sections:
        rows = []
        for row in drafted.rows:
            rows.append(ordered_row(drafted, row, first, findings))
            first += len(row.seats)
        sections.append(Section(drafted.name, drafted.level, tuple(rows)))
    focal_point = draft.focal_point or _usual_focal_point(draft)
    return SeatPlan(tuple(draft.categories), tuple(sections), draft.stage, focal_point)


def _usual_focal_point(draft: Draft) -> tuple[float, float]:
    """Return the middle of the width, at two thirds of the depth seen from the stage."""
    xs, ys = [seat.x for seat in draft.seats()], [seat.y for seat in draft.seats()]
    across, deep = (0.5, 2 / 3) if draft.stage in (Side.TOP, Side.LEFT) else (0.5, 1 / 3)
    if draft.stage in (Side.LEFT, Side.RIGHT):
        across, deep = deep, across
    x, y = (
        round(min(ends) + (max(ends) - min(ends)) * part, 3)
        for ends, part in ((xs, across), (ys, deep))
    )
    return x, y
