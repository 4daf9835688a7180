"""ticketing show seats"""

import shutil

import click

from ticketing.domain.programme.show import Show, ShowId
from ticketing.entrypoints.cli.room import drawing
from ticketing.entrypoints.cli.tools import Tools, with_tools


@click.group()
def show() -> None:
    """Look at a show: show seats ID draws its room."""


@show.command()
@click.argument("show_id", metavar="ID", type=int)
@with_tools
def seats(tools: Tools, show_id: int) -> None:
    """Draw the room of show ID, with the seats that are sold."""
    queries = tools.box_office().queries
    seat_map = queries.sales.seat_map(ShowId(show_id))
    plan = seat_map.plan
    click.echo(_heading(tools, queries.programme.show(ShowId(show_id)).show))
    click.echo()
    for line in drawing(plan, seat_map.booked, shutil.get_terminal_size().columns):
        click.echo(line)
    sold = len(seat_map.booked)
    click.echo(f"\n{plan.total_seats} seats: {plan.total_seats - sold} free (.), {sold} sold (#)")


def _heading(tools: Tools, show: Show) -> str:
    starts_at = show.starts_at.astimezone(tools.timezone)
    cancelled = " - CANCELLED" if show.cancelled_at else ""
    return f"{show.movie.title} - {show.screen.name} - {starts_at:%a %d %B %Y, %H:%M}{cancelled}"
