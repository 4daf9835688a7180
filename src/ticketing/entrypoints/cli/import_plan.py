"""ticketing import-plan"""

from collections.abc import Iterator
from pathlib import Path

import click

from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.screen_service import PlanChange
from ticketing.domain.programme.seat_plans.model import Side
from ticketing.domain.programme.seat_plans.pretix import Identity
from ticketing.domain.programme.seat_plans.readers import plan_from_file
from ticketing.entrypoints.cli.export_plan import screen_named
from ticketing.entrypoints.cli.installation import open_box_office, pass_settings
from ticketing.settings import Settings


@click.command("import-plan")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--screen", "name", metavar="NAME", required=True,
    help="The screen that gets the plan. An unknown name makes a new screen.",
)  # fmt: skip
@click.option(
    "--identity", type=click.Choice(["guid", "uuid"]), default="guid",
    help="What is unique for each seat, in a file of pretix.",
)  # fmt: skip
@click.option(
    "--stage", type=click.Choice([side.value for side in Side]),
    help="Where the screen or the stage is, if not where the file says.", show_default=False,
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="List faults and what would change; save nothing.")
@pass_settings
def import_plan(
    settings: Settings,
    file: Path,
    name: str,
    identity: Identity,
    stage: str | None,
    dry_run: bool,
) -> None:
    """Give a screen the seat plan in FILE, or make a new screen with it.

    FILE is .toml or .json in our format, .json in pretix's, or .csv. All of its faults are printed,
    each with its place. Upcoming shows get the plan too, but for those with seats that are sold,
    held or blocked. Import it again to finish an import that was interrupted.
    """
    read = plan_from_file(
        file.read_bytes(),
        file.suffix.lower(),
        identity=identity,
        stage=Side(stage) if stage else None,
    )
    for place, warnings in read.warnings.items():
        for warning in warnings:
            click.echo(f"Warning: {place}: {warning}", err=True)
    box_office = open_box_office(settings)
    known = screen_named(box_office.queries.programme, name)
    if known is None:
        new = Screen(name=name.strip(), plan=read.plan)
        box_office.screens.add(new, dry_run=dry_run)
        click.echo(f"Screen {new.name}: new, with {read.plan.total_seats} seats")
    else:
        for line in _report(box_office.screens.change_plan(known.id, read.plan, dry_run=dry_run)):
            click.echo(line)
    if dry_run:
        click.echo("Nothing was saved.")


def _report(change: PlanChange) -> Iterator[str]:
    """Yield what changed, or would change, a line for each show."""
    yield f"Screen {change.screen.name}: {change.screen.plan.total_seats} seats"
    for show_id in change.shows_changed:
        yield f"Show {show_id}: changed"
    for kept in change.shows_kept:
        yield f"Show {kept.show}: keeps its plan, because of {', '.join(kept.seats)}"
