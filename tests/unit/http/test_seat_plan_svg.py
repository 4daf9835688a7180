"""Drawings of seat plans: well-formed, harmless, small, and readable without colors."""

import random
import re
from xml.etree import ElementTree

import pytest

from tests.unit.programme.seat_plans.rooms import room, section
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.sales.queries import SeatStatus
from ticketing.entrypoints.http.web.seat_plan_svg import MAX_DRAWN_SEATS, plan_svg, seats_svg

SVG = "{http://www.w3.org/2000/svg}"
PLAN = room(
    section(
        "A: 1+ 2 3 4\nB: 1",
        name="Stalls & bar",
        exceptions=[
            {"rows": "A", "seats": "2", "companion_of": "1"},
            {"rows": "A", "seats": "4", "features": ["out_of_order"]},
            {"rows": "B", "category": "O'Neill's"},
        ],
    ),
    section("C: 1..2", name="Circle", position=[0, 100]),
    categories=[{"name": "Chair", "color": "#abc"}, {"name": "O'Neill's", "color": "#def012"}],
)
STATUSES = {SeatNumber(n): status for n, status in enumerate(SeatStatus, start=1)}


def shapes(svg):
    """Return the seats that are drawn, by title: tag and fill."""
    found = {}
    for tag in ("rect", "circle"):
        for shape in ElementTree.fromstring(svg).iter(f"{SVG}{tag}"):
            title = shape.find(f"{SVG}title")
            if title is not None:
                found[title.text] = tag, shape.get("fill")
    return found


def texts(svg):
    return [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_a_plan_is_drawn_with_its_categories_and_features():
    assert shapes(plan_svg(PLAN)) == {
        "Screen": ("rect", "#ddd"),
        "A1 · Chair · wheelchair space": ("rect", "#abc"),
        "A2 · Chair · companion": ("rect", "#abc"),
        "A3 · Chair": ("circle", "#abc"),
        "A4 · Chair · out of order": ("circle", "url(#blocked)"),
        "B1 · O'Neill's": ("circle", "#def012"),
        "C1 · Chair": ("circle", "#abc"),
        "C2 · Chair": ("circle", "#abc"),
    }
    assert texts(plan_svg(PLAN)) == ["Stalls & bar", "Circle", "A", "B", "C"]


def test_the_seats_of_a_show_are_drawn_with_their_status():
    drawn = shapes(seats_svg(PLAN, STATUSES))
    assert drawn["A1 · Chair · wheelchair space · available"] == ("rect", "#abc")
    assert drawn["A2 · Chair · companion · held"] == ("rect", "url(#held)")
    assert drawn["A3 · Chair · booked"] == ("circle", "url(#booked)")
    assert drawn["A4 · Chair · out of order · not for sale"] == ("circle", "url(#blocked)")
    assert drawn["B1 · O'Neill's · available"] == ("circle", "#def012")


def test_for_the_staff_seats_are_links_or_have_their_names():
    links = {SeatNumber(1): "/b/1?s=1&t=2", SeatNumber(3): "/b/1?s=1&t=2", SeatNumber(4): "/b/2"}

    drawn = ElementTree.fromstring(seats_svg(PLAN, STATUSES, links=links))

    by_url = {
        link.get("href"): [str(title.text)[:2] for title in link.iter(f"{SVG}title")]
        for link in drawn.iter(f"{SVG}a")
    }
    assert by_url == {"/b/1?s=1&t=2": ["A1", "A3"], "/b/2": ["A4"]}
    assert drawn.get("role") == "group"  # an image would hide the links from screen readers
    assert [text.text for text in drawn.iter(f"{SVG}text")][-4:] == ["2", "1", "1", "2"]
    assert len(shapes(seats_svg(PLAN, STATUSES, links=links))) == PLAN.total_seats + 1


def test_categories_differ_by_their_outline():
    svg = plan_svg(PLAN)
    assert svg.count("stroke-dasharray") == 1


def test_a_section_is_drawn_alone():
    assert texts(plan_svg(PLAN, PLAN.sections[1])) == ["Circle", "C"]


@pytest.mark.parametrize(
    ("stage", "bar"),
    [
        ("top", ("-25", "-75", "100", "25")),
        ("bottom", ("-25", "50", "100", "25")),
        ("left", ("-75", "-25", "25", "50")),
        ("right", ("100", "-25", "25", "50")),
    ],
)
def test_the_stage_is_at_its_side(stage, bar):
    svg = ElementTree.fromstring(plan_svg(room("A: 1..3", stage=stage)))
    _, rect = svg.findall(f"{SVG}rect")
    assert tuple(rect.get(name) for name in ("x", "y", "width", "height")) == bar


def test_seats_that_are_closer_are_drawn_smaller():
    rows = [{"name": "A", "seats": [{"name": str(n), "x": n * 10, "y": 0} for n in range(3)]}]
    assert 'r="4"' in plan_svg(room(rows))
    assert 'r="10"' in plan_svg(room("A: 1"))


def test_seats_that_nearly_coincide_leave_the_others_readable():
    places = [0, 0.001, *range(25, 250, 25)]
    rows = [{"name": "A", "seats": [{"name": str(x), "x": x, "y": 0} for x in places]}]
    assert 'r="5"' in plan_svg(room(rows))


def test_names_are_written_on_white():
    svg = ElementTree.fromstring(plan_svg(PLAN))
    sheet = svg.find(f"{SVG}rect")
    assert sheet is not None
    box = " ".join(sheet.get(name, "") for name in ("x", "y", "width", "height"))
    assert (box, sheet.get("fill")) == (svg.get("viewBox"), "#fff")


@pytest.mark.parametrize(("seats", "is_overview"), [(MAX_DRAWN_SEATS, False), (3_501, True)])
def test_a_large_room_is_an_overview(seats, is_overview):
    plan = plain_grid(seats, 100)
    svg = seats_svg(plan, {SeatNumber(1): SeatStatus.BOOKED})
    assert (texts(svg) == ["Stalls", f"{seats - 1} free"]) == is_overview
    assert ("A1 · Standard · booked" in shapes(svg)) != is_overview
    assert "A1 · Standard" in shapes(plan_svg(plan, plan.sections[0]))


def test_an_overview_is_small_whatever_the_names():
    sections = [
        {
            "name": f"{n:03}{'&' * 47}",
            "position": [n * 400.123 - 999_000.777, -999_000.777],
            "grid": {"rows": 20, "seats_per_row": 10},
        }
        for n in range(100)
    ]
    svg = plan_svg(room(*sections))
    assert len(svg.encode()) < 50_000
    assert texts(svg)[1] == "200 seats"


def test_drawings_have_presentation_attributes_only():
    chance = random.Random(1)
    statuses = {SeatNumber(n): chance.choice(list(SeatStatus)) for n in PLAN.numbers}
    svg = seats_svg(PLAN, statuses)
    assert not re.search(r"<style|<script|style=|class=|href|\son\w+=", svg)
    assert "Stalls &amp; bar" in svg
    assert "O&#x27;Neill&#x27;s" in svg
