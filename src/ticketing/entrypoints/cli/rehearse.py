"""ticketing rehearse"""

from random import randrange

import click

from ticketing.domain.programme.seat_plan import MAX_SEATS
from ticketing.domain.programme.show import ShowId
from ticketing.domain.rehearsal.rehearsal_service import RehearsalService
from ticketing.entrypoints.cli.rehearsal.play import Play
from ticketing.entrypoints.cli.rehearsal.rehearsed_server import demand_answer, server_url
from ticketing.entrypoints.cli.rehearsal.stage import PLAIN_ROOM, staged
from ticketing.entrypoints.cli.tools import Tools, with_tools


@click.command()
@click.option(
    "--show", "show_id", type=int, metavar="ID", help="Rehearse on a copy of show ID, unlisted."
)
@click.option(
    "--seats",
    type=click.IntRange(1, MAX_SEATS),
    metavar="N",
    help=f"Without --show: the seats of the show that is made.  [default: {PLAIN_ROOM}]",
)
@click.option(
    "--customers",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    metavar="N",
    help="How many come.",
)
@click.option(
    "--at-once",
    type=click.IntRange(1, 1000),
    default=64,
    show_default=True,
    metavar="N",
    help="How many of them are there at the same time.",
)
@click.option(
    "--url",
    default="http://127.0.0.1:8000",
    show_default=True,
    callback=server_url,
    help="Where the server answers.",
)
@click.option("--seed", type=int, metavar="N", help="Draw the lots of an earlier rehearsal.")
@click.option("--clean-up", is_flag=True, help="Only remove what killed rehearsals left behind.")
@with_tools
def rehearse(
    tools: Tools,
    show_id: int | None,
    seats: int | None,
    customers: int,
    at_once: int,
    url: str,
    seed: int | None,
    clean_up: bool,
) -> None:
    """Try an on-sale against a running server.

    Customers of its own look at the seat map, pick, collide, retry, double-click and cancel.
    Then what they were told is compared with what the database holds; the exit status is 1
    where that differs, or where nothing was sold. Nothing is booked on a real show, and nothing
    is left behind. Takes the settings that the server has.
    """
    if show_id is not None and seats is not None:
        raise click.UsageError("--seats goes without --show, whose room is copied.")
    office = tools.box_office()
    service = RehearsalService(office.transactions)
    if clean_up:
        shows, accounts = service.clean_up_all()
        click.echo(f"Removed {shows:,} shows and {accounts:,} accounts of rehearsals.")
        return
    demand_answer(url)
    play = Play(url, customers, at_once, randrange(10**6) if seed is None else seed)  # noqa: S311
    known = None if show_id is None else ShowId(show_id)
    with staged(tools, office, service, known, seats or PLAIN_ROOM) as rehearsal:
        is_good = play(tools, service, rehearsal)
    if not is_good:
        click.get_current_context().exit(1)
