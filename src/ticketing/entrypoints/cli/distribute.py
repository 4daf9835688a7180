"""ticketing distribute"""

import click

from ticketing.entrypoints.cli.tools import Tools, with_tools


@click.command()
@with_tools
def distribute(tools: Tools) -> None:
    """Spread the tables of a migrated, empty PostgreSQL over the nodes of its Citus cluster.

    All of them or none. It is for the largest: docs/scaling.md says when.
    """
    was_done = tools.distribute()
    click.echo("The store is distributed." if was_done else "The store was distributed already.")
