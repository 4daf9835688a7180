"""ticketing doctor"""

import click

from ticketing.entrypoints.cli.findings import Finding, Grade
from ticketing.entrypoints.cli.tools import Tools, with_tools

_COLOURS = {Grade.OK: "green", Grade.WARNING: "yellow", Grade.FAULT: "red"}


@click.command()
@click.option(
    "--servers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Servers that share the database, this one included.",
)
@with_tools
def doctor(tools: Tools, servers: int) -> None:
    """Look whether all is well, and say what to do.

    Checks the settings, secrets, files, Redis, database, clocks and connections, and changes
    nothing. The exit status is 1 where there is a fault.
    """
    found = []
    for finding in tools.examine(servers):
        click.echo(_line(finding))
        found.append(finding.grade)
    if Grade.FAULT in found:
        click.get_current_context().exit(1)


def _line(finding: Finding) -> str:
    grade = click.style(f"{finding.grade:<8}", fg=_COLOURS[finding.grade])
    remedy = f" {finding.remedy}" if finding.remedy else ""
    return f"{grade} {finding.about:<14} {finding.says}{remedy}"
