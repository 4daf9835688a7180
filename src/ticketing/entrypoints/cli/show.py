"""ticketing show seats"""

import shutil

import click

from ticketing.domain.programme.show import ShowId
from ticketing.entrypoints.cli.installation import open_box_office, pass_settings
from ticketing.entrypoints.cli.seat_map_text import draw_seat_map, show_heading
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
    plan = seat_map.plan
    show = queries.programme.show(ShowId(show_id)).show
    cancelled = " - CANCELLED" if show.cancelled_at else ""
    click.echo(f"{show_heading(show, settings.timezone)}{cancelled}\n")
    for line in draw_seat_map(plan, seat_map.booked, shutil.get_terminal_size().columns):
        click.echo(line)
    sold = len(seat_map.booked)
    click.echo(f"\n{plan.total_seats} seats: {plan.total_seats - sold} free (.), {sold} sold (#)")
