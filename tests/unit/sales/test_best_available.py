"""Best available: exact on small rooms, checked against all possible choices."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ticketing.domain.errors import InvalidFields
from ticketing.domain.programme.seat_plans.model import Feature, SeatPlan
from ticketing.domain.programme.seat_plans.readers import plan_from_document
from ticketing.domain.sales.accessible_seats import kept_seats
from ticketing.domain.sales.best_available import BestAvailable, best_available
from ticketing.domain.sales.errors import NoSeats
from ticketing.domain.sales.orphans import orphan_seats


def by_brute_force(plan, party, free, held):
    """Return the best of all choices, by the words of the rule; None if there is none."""
    kept = kept_seats(plan, free, held)
    offered = [
        number
        for number in sorted(free)
        if party.selects(plan.seat(number)) and (party.wheelchair_spaces or number not in kept)
    ]
    choices = [
        (key, choice)
        for choice in combinations(offered, party.count)
        if (key := rank(plan, party, free, kept, choice))
    ]
    return list(min(choices)[1]) if choices else None


def rank(plan, party, free, kept, choice):
    pieces = pieces_of(plan, choice)
    if party.wheelchair_spaces:
        spaces = [n for n in choice if Feature.WHEELCHAIR_SPACE in plan.seat(n).features]
        if len(spaces) != party.wheelchair_spaces:
            return None
        for piece in pieces:
            for number in piece:
                companion_of = plan.seat(number).companion_of
                if number in kept and companion_of and not {*companion_of} & {*piece}:
                    return None
    distance = sum(plan.distances[number - 1] for number in choice)
    if len(pieces) == 1:
        leaves_orphan = bool(orphan_seats(plan, free - kept, {*choice}))
        return (1 + leaves_orphan, 0, 0, 0, distance)
    if party.together:
        return None
    sections = {plan.seat(number).section for number in choice}
    depths = [depth_of(plan, number) for number in choice]
    singles = sum(len(piece) == 1 for piece in pieces)
    step = 3 if len(sections) == 1 else 4
    return (step, len(pieces), singles, max(depths) - min(depths), distance)


def pieces_of(plan, choice):
    pieces = []
    for number in choice:
        if pieces and pieces[-1][-1] == number - 1 and number in plan.block_of(number - 1):
            pieces[-1].append(number)
        else:
            pieces.append([number])
    return pieces


def depth_of(plan, number):
    for section in plan.sections:
        for depth, row in enumerate(section.rows):
            if any(seat.number == number for seat in row.seats):
                return depth
    raise AssertionError(number)


@st.composite
def rooms(draw, accessible=False):
    """Rooms of one or two sections, with aisles, free, held and other seats."""
    sections = []
    for name in draw(st.sampled_from([["Left"], ["Left", "Right"]])):
        rows = []
        for y in range(draw(st.integers(1, 3))):
            seats, x, space = [], 0, None
            for seat in range(draw(st.integers(1, 6))):
                x += draw(st.sampled_from([25, 25, 25, 60]))
                kind = draw(st.sampled_from("ooswc" if accessible else "os"))
                document = {"name": str(seat), "x": x + 500 * (name == "Right"), "y": y * 25}
                if kind == "s":
                    document["category"] = "Sofa"
                if kind == "w":
                    document["features"] = ["wheelchair_space"]
                    space = str(seat)
                if kind == "c" and space:
                    document["companion_of"] = [space]
                seats.append(document)
            rows.append({"name": "ABC"[y], "seats": seats})
        sections.append({"name": name, "rows": rows})
    document = {
        "categories": [{"name": "Chair", "color": "#abc"}, {"name": "Sofa", "color": "#def"}],
        "focal_point": [draw(st.integers(0, 600)), draw(st.integers(-20, 80))],
        "sections": sections,
    }
    plan = drop_crowded(document)
    numbers = list(plan.numbers)
    states = draw(st.lists(st.sampled_from("ffffth"), min_size=len(numbers), max_size=len(numbers)))
    free = frozenset(n for n, state in zip(numbers, states, strict=True) if state == "f")
    held = frozenset(n for n, state in zip(numbers, states, strict=True) if state == "h")
    return plan, free, held


def drop_crowded(document) -> SeatPlan:
    """Return the plan with at most three companion seats for each space."""
    for section in document["sections"]:
        for row in section["rows"]:
            seen = {}
            for seat in row["seats"]:
                for space in seat.get("companion_of", []):
                    seen[space] = seen.get(space, 0) + 1
                    if seen[space] > 3:
                        del seat["companion_of"]
    return plan_from_document(document).plan


parties = st.builds(
    BestAvailable,
    count=st.integers(1, 5),
    section=st.sampled_from([None, None, None, "Left"]),
    category=st.sampled_from([None, None, None, "Chair", "Sofa"]),
    together=st.sampled_from([False, False, False, True]),
)


def check(room, party):
    plan, free, held = room
    expected = by_brute_force(plan, party, free, held)
    if expected is None:
        with pytest.raises(NoSeats):
            best_available(plan, party, free, held)
    else:
        assert best_available(plan, party, free, held) == expected


@given(rooms(), parties)
def test_the_choice_is_the_best_of_all(room, party):
    check(room, party)
