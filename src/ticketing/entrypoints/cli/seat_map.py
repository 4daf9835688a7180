"""The command ``show seats``: a seat map drawn with characters.

The screen is at the top, and each row has its name. Sold seats differ in shape, not only in colour.
"""

import shutil
from collections.abc import Collection, Iterator
from zoneinfo import ZoneInfo

import click

from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.show import Show, ShowId
from ticketing.entrypoints.cli.installation import open_box_office, pass_settings
from ticketing.settings import Settings


@click.group()
def show() -> None:
    """Inspect a show: `show seats ID` prints its seat map."""


@show.command()
@click.argument("show_id", metavar="ID", type=int)
@pass_settings
def seats(settings: Settings, show_id: int) -> None:
    """Print the seat map of show ID."""
    queries = open_box_office(settings).queries
    seat_map = queries.sales.seat_map(ShowId(show_id))
    show = queries.programme.show(ShowId(show_id)).show
    cancelled = " - CANCELLED" if show.cancelled_at else ""
    click.echo(f"{show_heading(show, settings.timezone)}{cancelled}\n")
    for line in draw_seat_map(seat_map.plan, seat_map.booked, shutil.get_terminal_size().columns):
        click.echo(line)
    total, sold = seat_map.plan.total_seats, len(seat_map.booked)
    click.echo(f"\n{total} seats: {total - sold} free (.), {sold} sold (#)")


def show_heading(show: Show, zone: ZoneInfo) -> str:
    """Return the show's movie, screen and start in one line."""
    starts_at = show.starts_at.astimezone(zone)
    return f"{show.movie.title} - {show.screen.name} - {starts_at:%a %d %B %Y, %H:%M}"


def draw_seat_map(plan: SeatPlan, sold: Collection[int], columns: int) -> Iterator[str]:
    """Yield the lines of the seat map, at most ``columns`` characters wide if possible.

    A seat map that is too wide is drawn without gaps; if that is still too wide, in parts.
    """
    margin = max(len(row.name) for row in plan.rows) + 2
    widest = max(row.seats[-1].column for row in plan.rows)
    available = max(columns - 2 * margin, 10)
    pitch = 2 if 2 * widest <= available else 1
    width = min(widest, available // pitch)
    for first in range(1, widest + 1, width):
        part = range(first, min(first + width, widest + 1))
        if first > 1:
            yield ""
        yield from _part(plan, sold, part, pitch, margin)


def _part(
    plan: SeatPlan, sold: Collection[int], part: range, pitch: int, margin: int
) -> Iterator[str]:
    indent = " " * margin
    yield indent + " SCREEN ".center(len(part) * pitch - pitch + 1, "=")
    yield (indent + _ruler(part, pitch)).rstrip()
    for section in plan.sections:
        if len(plan.sections) > 1:
            yield section.name
        for row in section.rows:
            numbers = {seat.column: seat.number for seat in row.seats}
            seats = (" " * (pitch - 1)).join(_seat(numbers.get(n), sold) for n in part)
            yield f"{row.name:>{margin - 2}}  {seats}  {row.name}"


def _ruler(part: range, pitch: int) -> str:
    """Return the numbers of some columns, each starting above its column."""
    ruler = ""
    for place, column in enumerate(part):
        is_marked = column % (10 // pitch) == 0 and len(ruler) < place * pitch
        if place == 0 or is_marked:
            ruler = ruler.ljust(place * pitch) + str(column)
    return ruler


def _seat(number: int | None, sold: Collection[int]) -> str:
    if number is None:  # a gap, or the end of a shorter row
        return " "
    return click.style("#", fg="red") if number in sold else click.style(".", fg="green")
