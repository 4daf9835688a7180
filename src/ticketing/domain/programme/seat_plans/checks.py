"""What every seat plan must fulfil: sizes, labels, places, companions."""

from collections import Counter

from ticketing.domain.programme.seat_plans.document import MAX_COORDINATE
from ticketing.domain.programme.seat_plans.draft import Draft, DraftRow, DraftSeat
from ticketing.domain.programme.seat_plans.faults import Findings
from ticketing.domain.programme.seat_plans.model import Feature
from ticketing.domain.programme.seat_plans.names import (
    MAX_SHORT_NAME,
    joined,
    label_key,
    told_apart,
)
from ticketing.domain.programme.seat_plans.numbers import seats_fault

MAX_SECTIONS = 100
MAX_CATEGORIES = 50
MAX_COMPANIONS = 3
"""Of one wheelchair space."""

MAX_SPACES = 10
"""Of one companion seat."""


def check_draft(draft: Draft, findings: Findings) -> None:
    """Find all faults of a draft. Rounds the places of its seats, and gives them their labels."""
    for seat in draft.seats():
        seat.x, seat.y = round(seat.x, 3) + 0.0, round(seat.y, 3) + 0.0  # -0.0 is 0.0
    _check_sizes(draft, findings)
    _rename_repeated_rows(draft, findings)
    _add_labels(draft, findings)
    _check_places(draft, findings)
    for section in draft.sections:
        for row in section.rows:
            _check_companions(row, findings)


def _check_sizes(draft: Draft, findings: Findings) -> None:
    total = sum(1 for _ in draft.seats())
    if (total or not findings.faults) and (fault := seats_fault(total)):
        findings.fault("", fault)
    if len(draft.sections) > MAX_SECTIONS:
        findings.fault("", f"A room has at most {MAX_SECTIONS} sections.")
    if not 1 <= len(draft.categories) <= MAX_CATEGORIES:
        findings.fault("/categories", f"A room has 1 to {MAX_CATEGORIES} categories.")
    names = Counter(label_key(category.name) for category in draft.categories)
    for name, count in names.items():
        if count > 1:
            findings.fault("/categories", f"{count} categories have the name {name!r}.")
    first: dict[str, str] = {}
    for section in draft.sections:
        other = first.setdefault(label_key(section.name), section.where)
        if other != section.where:
            findings.fault(section.where, f"The section at {other} has the same name.")


def _rename_repeated_rows(draft: Draft, findings: Findings) -> None:
    for section in draft.sections:
        names = told_apart([row.name for row in section.rows])
        for row, name in zip(section.rows, names, strict=True):
            if name != row.name and len(name) > MAX_SHORT_NAME:
                fault = f"Another row is called {row.name!r}, and {name!r} would be too long."
                findings.fault(row.where, fault)
            row.name = name


def _add_labels(draft: Draft, findings: Findings) -> None:
    """Give each seat a label that is unique without regard to case and contains a letter."""
    first: dict[str, DraftSeat] = {}
    for prefixed in (False, True):
        first.clear()
        for section in draft.sections:
            for row in section.rows:
                for seat in row.seats:
                    label = joined(row.name, seat.name)
                    seat.label = f"{section.name} {label}" if prefixed else label
                    first.setdefault(label_key(seat.label), seat)
        has_letters = all(any(map(str.isalpha, key)) for key in first)
        if has_letters and len(first) == sum(1 for _ in draft.seats()):
            return
    for seat in draft.seats():
        other = first[label_key(seat.label)]
        if other is not seat:
            fault = f"The seat at {other.where} has the same label, {seat.label!r}."
            findings.fault(seat.where, fault)
        elif not any(map(str.isalpha, seat.label)):
            fault = f"The label {seat.label!r} has no letter: give the section a name with one."
            findings.fault(seat.where, fault)


def _check_places(draft: Draft, findings: Findings) -> None:
    far = (seat.where for seat in draft.seats() if max(abs(seat.x), abs(seat.y)) > MAX_COORDINATE)
    for where in dict.fromkeys(far):
        findings.fault(where, f"Coordinates are from -{MAX_COORDINATE} to {MAX_COORDINATE}.")
    first: dict[tuple[str, float, float], DraftSeat] = {}
    for section in draft.sections:
        for row in section.rows:
            for seat in row.seats:
                place = section.level, seat.x, seat.y
                if (other := first.setdefault(place, seat)) is not seat:
                    fault = f"{seat.label!r} is at the place of {other.label!r}, at {other.where}."
                    findings.fault(seat.where, fault)


def _check_companions(row: DraftRow, findings: Findings) -> None:
    spaces = {seat.name for seat in row.seats if Feature.WHEELCHAIR_SPACE in seat.features}
    companions: Counter[str] = Counter()
    for seat in row.seats:
        if len(seat.companion_of) > MAX_SPACES:
            fault = f"A companion seat has at most {MAX_SPACES} wheelchair spaces."
            findings.fault(seat.where, fault)
            continue
        if unknown := [name for name in seat.companion_of if name not in spaces]:
            fault = f"This row has no wheelchair space {', '.join(map(repr, unknown))}."
            findings.fault(seat.where, fault)
        if Feature.COMPANION in seat.features and not seat.companion_of:
            findings.fault(seat.where, "A companion seat names its wheelchair spaces.")
        if seat.companion_of and seat.name in spaces:
            findings.fault(seat.where, "A wheelchair space cannot be a companion seat.")
        companions.update(set(seat.companion_of))
    for seat in row.seats:
        if seat.name in spaces and companions[seat.name] > MAX_COMPANIONS:
            fault = f"A wheelchair space has at most {MAX_COMPANIONS} companion seats."
            findings.fault(seat.where, fault)
