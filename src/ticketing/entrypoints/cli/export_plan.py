"""ticketing export-plan"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import click

from ticketing.domain.paging import Window
from ticketing.domain.programme.errors import ScreenNotFound
from ticketing.domain.programme.queries import ProgrammeQueries
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.seat_plans.pretix import pretix_document
from ticketing.domain.text import comparison_key
from ticketing.entrypoints.cli.installation import open_box_office, pass_settings
from ticketing.settings import Settings

_ALL = Window(0, 100_000)


@click.command("export-plan")
@click.option("--screen", "name", metavar="NAME", required=True, help="The name of the screen.")
@click.option(
    "--format", "format_", type=click.Choice(["toml", "json", "pretix"]), default="toml",
    help="pretix is JSON too, without levels, features, stage and focal point.",
)  # fmt: skip
@pass_settings
def export_plan(settings: Settings, name: str, format_: str) -> None:
    """Print the seat plan of a screen.

    It lists the places of all seats, however the plan was written. `ticketing import-plan` reads
    each of the formats.
    """
    screen = screen_named(open_box_office(settings).queries.programme, name)
    if screen is None:
        raise ScreenNotFound(f"There is no screen {name!r}.")
    click.echo(_WRITERS[format_](screen))


def screen_named(queries: ProgrammeQueries, name: str) -> Screen | None:
    """Return the screen of that name, without regard to case."""
    key = comparison_key(name)
    screens = queries.screens(_ALL).items
    return next((screen for screen in screens if comparison_key(screen.name) == key), None)


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1)


def _toml(screen: Screen) -> str:
    """Return the plan with one line for each seat. A JSON string is a TOML string too."""
    document = json.loads(screen.plan.content)
    lines = [*_fields(document)]
    for category in document["categories"]:
        lines += ["", "[[categories]]", *_fields(category)]
    for section in document["sections"]:
        lines += ["", "[[sections]]", *_fields(section)]
        for row in section["rows"]:
            seats = (f"  {_inline(seat)}," for seat in row["seats"])
            lines += ["", "[[sections.rows]]", *_fields(row), "seats = [", *seats, "]"]
    return "\n".join(lines)


def _inline(table: dict[str, Any]) -> str:
    return f"{{ {', '.join(_fields(table))} }}"


def _fields(table: dict[str, Any]) -> Iterator[str]:
    """Yield the fields that are no tables of their own."""
    for key, value in table.items():
        if key not in ("categories", "sections", "rows", "seats"):
            yield f"{key} = {json.dumps(value, ensure_ascii=False)}"


_WRITERS: dict[str, Callable[[Screen], str]] = {
    "toml": _toml,
    "json": lambda screen: _json(json.loads(screen.plan.content)),
    "pretix": lambda screen: _json(pretix_document(screen.plan, screen.name)),
}
