"""The command ``show seats``: a seat map drawn with characters.

The screen is at the top, and each row has a letter. Sold seats differ in shape, not only in colour.
"""

import shutil
from collections.abc import Collection, Iterator
from zoneinfo import ZoneInfo

import click

from ticketing.domain.programme.seat_plan import SeatPlan, row_label
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
    margin = len(row_label(plan.rows - 1)) + 2
    available = max(columns - 2 * margin, 10)
    pitch = 2 if 2 * plan.seats_per_row <= available else 1
    width = min(plan.seats_per_row, available // pitch)
    for first in range(1, plan.seats_per_row + 1, width):
        part = range(first, min(first + width, plan.seats_per_row + 1))
        if first > 1:
            yield ""
        yield from _part(plan, sold, part, pitch, margin)


def _part(
    plan: SeatPlan, sold: Collection[int], part: range, pitch: int, margin: int
) -> Iterator[str]:
    indent = " " * margin
    yield indent + " SCREEN ".center(len(part) * pitch - pitch + 1, "=")
    yield (indent + _ruler(part, pitch)).rstrip()
    for row in range(plan.rows):
        letters = row_label(row)
        numbers = (row * plan.seats_per_row + column for column in part)
        seats = (" " * (pitch - 1)).join(_seat(plan, sold, number) for number in numbers)
        yield f"{letters:>{margin - 2}}  {seats}  {letters}"


def _ruler(part: range, pitch: int) -> str:
    """Return the numbers of some columns, each starting above its column."""
    ruler = ""
    for place, column in enumerate(part):
        is_marked = column % (10 // pitch) == 0 and len(ruler) < place * pitch
        if place == 0 or is_marked:
            ruler = ruler.ljust(place * pitch) + str(column)
    return ruler


def _seat(plan: SeatPlan, sold: Collection[int], number: int) -> str:
    if number > plan.total_seats:  # the last row may be shorter
        return " "
    return click.style("#", fg="red") if number in sold else click.style(".", fg="green")
