"""ticketing import"""

import sys
from pathlib import Path

import click

from ticketing.domain.programme.import_entries import ImportRefused
from ticketing.entrypoints.cli.programme.files import read_programme
from ticketing.entrypoints.cli.programme.from_csv import in_columns
from ticketing.entrypoints.cli.tools import Tools, with_tools

MANY = 50
"""More entries than this are worth a progress bar."""


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_tools
def import_programme(tools: Tools, file: Path) -> None:
    """Import movies, screens and shows.

    All that is in FILE, or nothing with every fault named. Importing it again changes nothing: a
    movie is known by its title, a screen by its name, a show by its screen, start and movie; one
    that was called off stays so. Times without an offset are in TICKETING_TIMEZONE.

    \b
    FILE.csv   one line a show, with the columns
               title,duration_minutes,rating,language,description,
               screen,rows,seats_per_row,starts_at
               in any order. A movie or screen that is known needs its name only; a line may
               also hold a movie or a screen alone.
    FILE.json  {"movies":  [{"title": "Up", "duration_minutes": 96}],
                "screens": [{"name": "Screen 1", "rows": 8, "seats_per_row": 10}],
                "shows":   [{"movie": "Up", "screen": "Screen 1",
                             "starts_at": "2030-01-31T20:15"}]}
    """
    programme = read_programme(file, tools.timezone)
    service = tools.box_office().programme
    is_short = len(programme) <= MANY or not sys.stderr.isatty()
    with click.progressbar(
        length=len(programme), label="Importing", file=sys.stderr, hidden=is_short
    ) as bar:
        try:
            imported = service.load(programme, lambda done: bar.update(done - bar.pos))
        except ImportRefused as refusal:
            if file.suffix.lower() == ".csv":
                raise in_columns(refusal) from None
            raise
    for kind in ("movies", "screens", "shows"):
        tally = getattr(imported, kind)
        click.echo(f"{kind:<8}{tally.added:>6} added{tally.known:>7} there already")
