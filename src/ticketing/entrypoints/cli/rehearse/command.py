"""ticketing rehearse"""

import time
from random import randrange

import click

from ticketing.bootstrap import access_tokens
from ticketing.domain.programme.seat_plan import MAX_SEATS
from ticketing.domain.programme.show import ShowId
from ticketing.domain.rehearsal.consistency import check_consistency
from ticketing.domain.rehearsal.rehearsal import Rehearsal
from ticketing.domain.rehearsal.rehearsal_service import RehearsalService
from ticketing.entrypoints.cli.installation import open_box_office, pass_settings
from ticketing.entrypoints.cli.rehearse.load_generator import LoadGenerator
from ticketing.entrypoints.cli.rehearse.progress import Progress
from ticketing.entrypoints.cli.rehearse.report import report_lines
from ticketing.entrypoints.cli.rehearse.server_checks import (
    parse_url,
    require_ready,
    require_same_database,
)
from ticketing.entrypoints.cli.rehearse.temporary_show import DEFAULT_SEATS, temporary_show
from ticketing.entrypoints.cli.seat_map_text import show_heading
from ticketing.settings import Settings


@click.command()
@click.option(
    "--show", "show_id", type=int, metavar="ID", help="Rehearse on an unlisted copy of show ID."
)
@click.option(
    "--seats",
    type=click.IntRange(1, MAX_SEATS),
    metavar="N",
    help=f"Seats of the temporary show, without --show.  [default: {DEFAULT_SEATS}]",
)
@click.option(
    "--customers",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    metavar="N",
    help="Number of customers.",
)
@click.option(
    "--at-once",
    type=click.IntRange(1, 1000),
    default=64,
    show_default=True,
    metavar="N",
    help="Number of customers at the same time.",
)
@click.option(
    "--url",
    default="http://127.0.0.1:8000",
    show_default=True,
    callback=parse_url,
    help="URL of the server.",
)
@click.option("--seed", type=int, metavar="N", help="Repeat the random choices of a rehearsal.")
@click.option("--clean-up", is_flag=True, help="Only remove what killed rehearsals left behind.")
@pass_settings
def rehearse(
    settings: Settings,
    show_id: int | None,
    seats: int | None,
    customers: int,
    at_once: int,
    url: str,
    seed: int | None,
    clean_up: bool,
) -> None:
    """Rehearse an on-sale against a running server.

    Simulated customers read the seat map, choose seats, collide, retry, double-click and cancel.
    Then the answers that they got are compared with the database. The exit status is 1 if they
    differ or if nothing was sold. Real shows are not touched, and all rows are removed
    afterwards. Run it with the settings of the server.
    """
    if show_id is not None and seats is not None:
        raise click.UsageError("--seats cannot be combined with --show, whose seats are copied.")
    office = open_box_office(settings)
    service = RehearsalService(office.transactions)
    if clean_up:
        shows, accounts = service.clean_up_all()
        click.echo(f"Removed {shows:,} shows and {accounts:,} accounts of rehearsals.")
        return
    require_ready(url)
    seed = randrange(10**6) if seed is None else seed  # noqa: S311 - not a secret
    copied = None if show_id is None else ShowId(show_id)
    with temporary_show(office, service, copied, seats or DEFAULT_SEATS) as rehearsal:
        is_consistent = _rehearse(settings, service, rehearsal, url, customers, at_once, seed)
    if not is_consistent:
        click.get_current_context().exit(1)


def _rehearse(
    settings: Settings,
    service: RehearsalService,
    rehearsal: Rehearsal,
    url: str,
    customers: int,
    at_once: int,
    seed: int,
) -> bool:
    """Print a report. Return whether seats were sold and all answers agree with the database."""
    show = rehearsal.show
    click.echo(show_heading(show, settings.timezone))
    click.echo(f"Rehearsing at {url} on the temporary show {show.id}")
    click.echo(f"{customers:,} customers, {at_once} at once, --seed {seed}\n")
    token_for = access_tokens(settings)
    accounts = service.invite(rehearsal, customers, Progress("Invited", customers))
    require_same_database(url, accounts[0], token_for(accounts[0]), show, time.sleep)

    load = LoadGenerator(url, show, accounts, seed, at_once)
    began = time.perf_counter()
    purchases, statistics = load.run(token_for, Progress("Served", customers))
    seconds = time.perf_counter() - began

    shown = load.sold_seats(statistics)
    held = service.stored_sales(rehearsal)
    verdict = check_consistency(purchases, held, shown)
    for line in report_lines(show, purchases, held, verdict, statistics, seconds):
        click.echo(line)
    return verdict.is_consistent and any(purchase.confirmed for purchase in purchases)
