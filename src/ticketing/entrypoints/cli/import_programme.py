"""ticketing import"""

import sys
from pathlib import Path

import click

from ticketing.domain.programme.programme_import import ImportRefused
from ticketing.entrypoints.cli.installation import open_box_office, pass_settings
from ticketing.entrypoints.cli.programme_file import in_csv_terms, read_programme
from ticketing.settings import Settings

PROGRESS_BAR_MIN = 50
"""Entries from which on a progress bar is shown."""


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_settings
def import_programme(settings: Settings, file: Path) -> None:
    """Import movies, screens and shows.

    Imports everything in FILE, or nothing and reports all errors. Importing it again changes
    nothing: a movie is recognised by its title, a screen by its name, a show by its screen, start
    and movie. A cancelled show stays cancelled. Times without an offset are in TICKETING_TIMEZONE.

    \b
    FILE.csv   one line per show, with the columns
               title,duration_minutes,rating,language,description,
               screen,rows,seats_per_row,starts_at
               in any order. An existing movie or screen needs only its name; a line may
               also define only a movie or only a screen.
    FILE.json  {"movies":  [{"title": "Up", "duration_minutes": 96}],
                "screens": [{"name": "Screen 1", "rows": 8, "seats_per_row": 10}],
                "shows":   [{"movie": "Up", "screen": "Screen 1",
                             "starts_at": "2030-01-31T20:15"}]}
    """
    programme = read_programme(file, settings.timezone)
    service = open_box_office(settings).programme
    is_hidden = len(programme) <= PROGRESS_BAR_MIN or not sys.stderr.isatty()
    with click.progressbar(
        length=len(programme), label="Importing", file=sys.stderr, hidden=is_hidden
    ) as bar:
        try:
            imported = service.load(programme, lambda done: bar.update(done - bar.pos))
        except ImportRefused as refusal:
            if file.suffix.lower() == ".csv":
                raise in_csv_terms(refusal) from None
            raise
    for kind in ("movies", "screens", "shows"):
        counts = getattr(imported, kind)
        click.echo(f"{kind:<8}{counts.added:>6} added{counts.known:>7} unchanged")
