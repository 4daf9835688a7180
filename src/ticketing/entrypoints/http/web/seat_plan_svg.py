"""Drawings of seat plans as SVG.

They have presentation attributes only, no style and no script. They look right in print and on dark
pages: a status is a pattern, a feature a shape, a category a color and a kind of outline.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from math import dist, hypot

from ticketing.domain.programme.seat_plans.model import Feature, Row, Seat, SeatPlan, Section, Side
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.sales.queries import SeatMap, SeatStatus

MAX_DRAWN_SEATS = 3_500
"""Rooms with more are drawn as an overview, and their sections one by one."""

Statuses = Mapping[SeatNumber, SeatStatus]

_USUAL_PITCH = 25.0
_PATTERNS = {
    SeatStatus.HELD: '<path d="M0 8L8 0" stroke="#555" stroke-width="2"/>',
    SeatStatus.BOOKED: '<path d="M0 0L8 8M0 8L8 0" stroke="#222" stroke-width="3"/>',
    SeatStatus.BLOCKED: '<path d="M0 4H8" stroke="#999"/>',
}
_WORDS = {
    SeatStatus.AVAILABLE: "available",
    SeatStatus.HELD: "held",
    SeatStatus.BOOKED: "booked",
    SeatStatus.BLOCKED: "not for sale",
}
_OUTLINES = (
    "",
    ' stroke-dasharray="5 2"',
    ' stroke-dasharray="1 2"',
    ' stroke-dasharray="8 2 1 2"',
)


def plan_svg(plan: SeatPlan, section: Section | None = None) -> str:
    """Return the drawing of a plan, or of one section, without the state of a show."""
    return _svg(plan, section, None, None)


def statuses_of(seats: SeatMap) -> Statuses:
    """Return the status of each seat that is not available."""
    return {
        **dict.fromkeys(seats.blocked, SeatStatus.BLOCKED),
        **dict.fromkeys(seats.held, SeatStatus.HELD),
        **dict.fromkeys(seats.booked, SeatStatus.BOOKED),
    }


def seats_svg(
    plan: SeatPlan,
    statuses: Statuses,
    section: Section | None = None,
    links: Mapping[SeatNumber, str] | None = None,
) -> str:
    """Return the drawing of a show's seats. Those without a status are available.

    With ``links``, the URLs that seats lead to, it is the staff's: seats of one URL are one link,
    and the others have their names on them.
    """
    return _svg(plan, section, statuses, links)


def _svg(
    plan: SeatPlan,
    section: Section | None,
    statuses: Statuses | None,
    links: Mapping[SeatNumber, str] | None,
) -> str:
    sections = [section] if section else plan.sections
    seats = [seat for drawn in sections for row in drawn.rows for seat in row.seats]
    pitch = _pitch(plan)
    left, right = (
        min(seat.x for seat in seats) - 3 * pitch,
        max(seat.x for seat in seats) + 3 * pitch,
    )
    top, bottom = (
        min(seat.y for seat in seats) - 3 * pitch,
        max(seat.y for seat in seats) + 3 * pitch,
    )
    box = (left, top, right - left, bottom - top)
    sheet = 'x="{}" y="{}" width="{}" height="{}"'.format(*map(_n, box))
    if not section and plan.total_seats > MAX_DRAWN_SEATS:
        areas = [_area(drawn, pitch, statuses) for drawn in sections]
        shapes, texts = [shape for shape, _ in areas], [names for _, names in areas]
    else:
        outlines = {
            category.name: f' fill="{category.color}"{_OUTLINES[index % len(_OUTLINES)]}'
            for index, category in enumerate(plan.categories)
        }
        drawn = ((s.number, _seat(s, pitch, outlines[s.category], statuses)) for s in seats)
        shapes = [*_linked(drawn, links or {})]
        texts = [
            *(_section_name(drawn, pitch) for drawn in sections if len(plan.sections) > 1),
            *(_row_name(row, pitch) for drawn in sections for row in drawn.rows),
        ]
        if links is not None:
            texts.append(_seat_names([seat for seat in seats if seat.number not in links], pitch))
    patterns = (
        f'<pattern id="{status.lower()}" width="8" height="8" patternUnits="userSpaceOnUse" '
        f'patternTransform="scale({_n(pitch / _USUAL_PITCH)})">'
        f'<rect width="8" height="8" fill="#fff"/>{drawn}</pattern>'
        for status, drawn in _PATTERNS.items()
    )
    role = "img" if links is None else "group"  # whose links screen readers find
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{" ".join(map(_n, box))}" '
            f'role="{role}" font-family="sans-serif" font-size="{_n(0.5 * pitch)}" '
            'text-anchor="middle" fill="#222">',
            f"<title>{escape(section.name) if section else 'Seats'}</title>",
            f"<defs>{''.join(patterns)}</defs>",
            f'<rect {sheet} fill="#fff"/>',  # a dark page would hide the names
            _stage(plan.stage, pitch, *box),
            f'<g stroke="#222" stroke-width="{_n(pitch / 20)}">',
            *shapes,
            "</g>",
            *texts,
            "</svg>",
        )
    )


def _pitch(plan: SeatPlan) -> float:
    """Return the size of a seat's place: the least distance of neighbours.

    It is half of the usual distance at least: two seats that overlap leave the others readable.
    """
    pairs = (pair for block in plan.blocks for pair in pairwise(map(plan.seat, block)))
    distances = sorted(dist((a.x, a.y), (b.x, b.y)) for a, b in pairs)
    if not distances:
        return _USUAL_PITCH
    return max(distances[0], distances[len(distances) // 2] / 2)


def _seat(seat: Seat, pitch: float, fill: str, statuses: Statuses | None) -> str:
    words = [
        seat.label,
        seat.category,
        *(feature.replace("_", " ") for feature in sorted(seat.features)),
    ]
    is_blocked = Feature.OUT_OF_ORDER in seat.features
    status = SeatStatus.BLOCKED if is_blocked else SeatStatus.AVAILABLE
    if statuses is not None:
        status = statuses.get(seat.number, SeatStatus.AVAILABLE)
        words.append(_WORDS[status])
    if status in _PATTERNS:
        fill = f' fill="url(#{status.lower()})"'
    radius = 0.4 * pitch
    if Feature.WHEELCHAIR_SPACE in seat.features or Feature.COMPANION in seat.features:
        shape, corner = "rect", 0 if Feature.WHEELCHAIR_SPACE in seat.features else radius / 2
        place = (
            f'x="{_n(seat.x - radius)}" y="{_n(seat.y - radius)}" width="{_n(2 * radius)}" '
            f'height="{_n(2 * radius)}" rx="{_n(corner)}"'
        )
    else:
        shape, place = "circle", f'cx="{_n(seat.x)}" cy="{_n(seat.y)}" r="{_n(radius)}"'
    return f"<{shape} {place}{fill}><title>{escape(' · '.join(words))}</title></{shape}>"


def _linked(
    seats: Iterable[tuple[SeatNumber, str]], links: Mapping[SeatNumber, str]
) -> Iterator[str]:
    """Yield the seats without a link, then a link for each URL, with its seats."""
    by_url = defaultdict(list)
    for number, seat in seats:
        if number in links:
            by_url[links[number]].append(seat)
        else:
            yield seat
    for url, linked in by_url.items():
        yield f'<a href="{escape(url)}">{"".join(linked)}</a>'


def _section_name(section: Section, pitch: float) -> str:
    """Write the section's name above its seats."""
    xs = [seat.x for row in section.rows for seat in row.seats]
    top = min(seat.y for row in section.rows for seat in row.seats)
    return _text(section.name, (min(xs) + max(xs)) / 2, top - pitch)


def _row_name(row: Row, pitch: float) -> str:
    """Write the row's name before its first seat."""
    first, second = row.seats[0], row.seats[min(1, len(row.seats) - 1)]
    dx, dy = first.x - second.x, first.y - second.y
    length = hypot(dx, dy)
    dx, dy = (dx / length, dy / length) if length else (-1.0, 0.0)
    return _text(row.name, first.x + dx * pitch, first.y + (dy + 0.2) * pitch)


def _seat_names(seats: Sequence[Seat], pitch: float) -> str:
    """Write the names of seats on them, with an outline that is readable on every color."""
    longest = max((len(seat.name) for seat in seats), default=1)
    size = pitch / max(longest, 2)
    names = "".join(_text(seat.name, seat.x, seat.y + 0.35 * size) for seat in seats)
    return (
        f'<g font-size="{_n(size)}" stroke="#fff" stroke-width="{_n(0.2 * size)}" '
        f'stroke-linejoin="round" paint-order="stroke" pointer-events="none">{names}</g>'
    )


def _area(section: Section, pitch: float, statuses: Statuses | None) -> tuple[str, str]:
    """Draw a section as an area, and write its name, and how many seats it has or are free."""
    seats = [seat for row in section.rows for seat in row.seats]
    left, top = min(seat.x for seat in seats), min(seat.y for seat in seats)
    width, height = max(seat.x for seat in seats) - left, max(seat.y for seat in seats) - top
    count = f"{len(seats)} seats"
    if statuses is not None:
        free = sum(statuses.get(seat.number) in (None, SeatStatus.AVAILABLE) for seat in seats)
        count = f"{free} free"
    longest = max(len(section.name), len(count))
    size = min((width + pitch) / longest * 1.5, (height + pitch) / 3)
    x, y = left + width / 2, top + height / 2
    return (
        f'<rect x="{_n(left - pitch / 2)}" y="{_n(top - pitch / 2)}" width="{_n(width + pitch)}" '
        f'height="{_n(height + pitch)}" fill="#fff"/>',
        f'<g font-size="{_n(size)}">'
        f"{_text(section.name, x, y - 0.2 * size)}{_text(count, x, y + size)}</g>",
    )


def _stage(side: Side, pitch: float, left: float, top: float, width: float, height: float) -> str:
    if side in (Side.TOP, Side.BOTTOM):
        y = top if side is Side.TOP else top + height - pitch
        bar = left + 2 * pitch, y, width - 4 * pitch, pitch
    else:
        x = left if side is Side.LEFT else left + width - pitch
        bar = x, top + 2 * pitch, pitch, height - 4 * pitch
    place = 'x="{}" y="{}" width="{}" height="{}"'.format(*map(_n, bar))
    return f'<rect {place} fill="#ddd"><title>Screen</title></rect>'


def _text(text: str, x: float, y: float) -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}">{escape(text)}</text>'


def _n(number: float) -> str:
    """Return a number with two decimals at most."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
