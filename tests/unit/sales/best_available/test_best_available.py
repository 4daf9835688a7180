"""Best available: exact on small rooms, checked against all possible choices."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.programme.seat_plans.rooms import room, section
from ticketing.domain.errors import InvalidFields
from ticketing.domain.programme.seat_plans.model import Feature, SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.seat_plans.readers import plan_from_document
from ticketing.domain.sales.accessible_seats import kept_seats
from ticketing.domain.sales.best_available.best_available import best_available
from ticketing.domain.sales.best_available.offered_seats import Party
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
    companions = sum(bool(plan.seat(n).companion_of) and n in kept for n in choice)
    distance = (-companions, sum(plan.distances[number - 1] for number in choice))
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
    pieces: list[list[int]] = []
    for number in choice:
        if pieces and pieces[-1][-1] == number - 1 and number in plan.block_of(number - 1):
            pieces[-1].append(number)
        else:
            pieces.append([number])
    return pieces


def depth_of(plan, number):
    for part in plan.sections:
        for depth, row in enumerate(part.rows):
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
    for part in document["sections"]:
        for row in part["rows"]:
            seen: dict[str, int] = {}
            for seat in row["seats"]:
                for space in seat.get("companion_of", []):
                    seen[space] = seen.get(space, 0) + 1
                    if seen[space] > 3:
                        del seat["companion_of"]
    return plan_from_document(document).plan


parties = st.builds(
    Party,
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


@given(rooms(accessible=True), parties, st.integers(0, 3))
def test_the_choice_with_wheelchair_spaces_is_the_best_of_all(room, party, spaces):
    check(room, replace(party, wheelchair_spaces=min(spaces, party.count)))


PLAN = room("A..C: 1..5", focal_point=[50, 25])


def all_but(taken, plan=PLAN):
    return frozenset(seat.number for seat in plan.seats()) - {*plan.find(taken.split())}


def chosen(free, plan=PLAN, held=frozenset(), **party):
    numbers = best_available(plan, Party(**party), free, held)
    return " ".join(plan.seat(number).label for number in numbers)


def refusal_of(free, plan=PLAN, held=frozenset(), **party):
    with pytest.raises(NoSeats) as refusal:
        best_available(plan, Party(**party), free, held)
    return refusal.value.facts


@pytest.mark.parametrize(
    ("taken", "count", "seats"),
    [
        ("", 1, "B3"),
        ("", 2, "B1 B2"),  # B2 B3 is nearer, but leaves B1 alone
        ("", 3, "B1 B2 B3"),
        ("", 4, "B1 B2 B3 B4"),  # any four leave a seat alone
        ("B3", 2, "B1 B2"),
        ("B3", 3, "A1 A2 A3"),
        ("A3 B3 C3", 4, "B1 B2 B4 B5"),
        ("A2 B2 B4 C2 C4", 4, "A1 A3 A4 A5"),  # one row rather than the nearest seat
        ("A3 B3 B5 C3", 5, "A1 A2 B1 B2 B4"),
    ],
)
def test_examples(taken, count, seats):
    assert chosen(all_but(taken), count=count) == seats


def test_there_may_be_no_seats():
    free = all_but("A3 B3 C3")
    assert refusal_of(free, count=3, together=True) == {
        "available": 12, "held": 0, "largest_block": 2,
    }  # fmt: skip
    assert refusal_of(frozenset({1, 2, 4}), held=frozenset({7}), count=4) == {
        "available": 3, "held": 1, "largest_block": 2,
    }  # fmt: skip
    assert refusal_of(frozenset(), count=1)["largest_block"] == 0


HOUSE = room(
    section("A: 1..4", name="Stalls"),
    section(
        "B: 1..4",
        name="Circle",
        position=[0, 50],
        exceptions=[{"rows": "B", "seats": "3..4", "category": "Sofa"}],
    ),
    categories=[{"name": "Chair", "color": "#abc"}, {"name": "Sofa", "color": "#def"}],
    focal_point=[0, 0],
)


def test_a_section_or_a_category_may_be_asked_for():
    free = all_but("", HOUSE)
    assert chosen(free, HOUSE, count=2) == "A1 A2"
    assert chosen(free, HOUSE, count=2, section="Circle") == "B1 B2"
    assert chosen(free, HOUSE, count=1, category="Sofa") == "B4"  # B3 leaves B4 alone
    assert refusal_of(free, HOUSE, count=3, category="Sofa", held=frozenset({1})) == {
        "available": 2, "held": 0, "largest_block": 2,
    }  # fmt: skip
    assert refusal_of(free, HOUSE, count=1, section="Stalls", category="Sofa")["available"] == 0


def test_one_section_is_better_than_nearer_seats():
    free = all_but("A2 A4 B3", HOUSE)
    assert chosen(free, HOUSE, count=3) == "B1 B2 B4"
    assert chosen(free, HOUSE, count=5) == "A1 A3 B1 B2 B4"


@pytest.mark.parametrize(
    ("party", "fields"),
    [
        ({"count": 0}, {"count"}),
        ({"count": 11}, {"count"}),
        ({"count": 2, "wheelchair_spaces": 3}, {"wheelchair_spaces"}),
        ({"count": 2, "wheelchair_spaces": -1}, {"wheelchair_spaces"}),
        ({"count": 2, "section": "Box", "category": "Bed"}, {"section", "category"}),
    ],
)
def test_invalid_parties(party, fields):
    with pytest.raises(InvalidFields) as refusal:
        best_available(PLAN, Party(**party), all_but(""))
    assert refusal.value.facts["errors"].keys() == fields


ACCESSIBLE = room(
    section(
        "A: 1+ 2 3 4 5 6+ 7\nB: 1..7",
        exceptions=[
            {"rows": "A", "seats": "2", "companion_of": "1"},
            {"rows": "A", "seats": "7", "companion_of": "6"},
        ],
    ),
    focal_point=[75, 0],
)


def test_wheelchair_spaces_and_companion_seats_are_kept():
    free = all_but("", ACCESSIBLE)
    assert chosen(free, ACCESSIBLE, count=3) == "A3 A4 A5"
    assert chosen(free, ACCESSIBLE, count=4) == "B1 B2 B3 B4"
    assert chosen(free, ACCESSIBLE, count=2, wheelchair_spaces=1) == "A1 A2"
    assert chosen(free, ACCESSIBLE, count=3, wheelchair_spaces=1) == "A1 A2 A3"
    assert chosen(free, ACCESSIBLE, count=7, wheelchair_spaces=2) == "A1 A2 A3 A4 A5 A6 A7"


def test_a_party_with_wheelchair_spaces_may_be_split():
    free = all_but("", ACCESSIBLE)
    assert chosen(free, ACCESSIBLE, count=2, wheelchair_spaces=2) == "A1 A6"
    assert chosen(free, ACCESSIBLE, count=4, wheelchair_spaces=2) == "A1 A2 A6 A7"
    assert refusal_of(free, ACCESSIBLE, count=3, wheelchair_spaces=3)["available"] == 14


def test_a_companion_seat_is_side_by_side_with_its_space():
    free = all_but("A6 A3 A4 A5", ACCESSIBLE)
    assert chosen(free, ACCESSIBLE, count=2, wheelchair_spaces=1) == "A1 A2"
    assert chosen(free, ACCESSIBLE, count=3, wheelchair_spaces=1) == "A1 A2 B4"


def test_rows_that_look_alike_may_have_other_companion_seats():
    def part(name, y, space):
        companion = {"rows": "A", "seats": "2", "companion_of": space}
        return section("A: 1+ 2..3 4+", name=name, position=[0, y], exceptions=[companion])

    plan = room(part("Far", 0, "4"), part("Near", 50, "1"), section("B: 1", position=[0, 99]))
    free = frozenset(plan.numbers) - {3, 7, 9}  # A3 of both, and B1
    seats = chosen(free, plan, frozenset({SeatNumber(9)}), count=3, wheelchair_spaces=2)
    assert seats == "Near A1 Near A2 Near A4"


def test_they_are_released_when_nothing_else_is_free_or_held():
    free = frozenset(ACCESSIBLE.find(["A1", "A2", "A7"]))
    held = frozenset(ACCESSIBLE.find(["B1"]))
    assert refusal_of(free, ACCESSIBLE, count=1, held=held) == {
        "available": 0, "held": 1, "largest_block": 0,
    }  # fmt: skip
    assert chosen(free, ACCESSIBLE, count=2) == "A1 A2"
    assert chosen(free, ACCESSIBLE, count=2, wheelchair_spaces=1) == "A1 A2"
    assert chosen(free, ACCESSIBLE, count=3) == "A1 A2 A7"


@pytest.mark.parametrize("taken", [0, 2, 3, 4, 5, 10])
@pytest.mark.parametrize("count", [1, 2, 6, 10])
def test_every_party_gets_seats_in_a_large_room(taken, count):
    plan = plain_grid(1000, 40)
    free = frozenset(seat.number for seat in plan.seats() if not taken or seat.number % taken)
    numbers = best_available(plan, Party(count=count), free)
    assert len({*numbers} & free) == count
    assert numbers == sorted(numbers)
