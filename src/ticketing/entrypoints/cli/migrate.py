"""ticketing migrate"""

import click

from ticketing.entrypoints.cli.tools import Tools, with_tools


@click.command()
@click.option("--sql", is_flag=True, help="Print the SQL that makes all tables; change nothing.")
@click.option("--check", is_flag=True, help="Only see whether the store is as the code wants it.")
@click.option(
    "--wait",
    type=click.IntRange(0, 3600),
    default=2,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for a database that is not there yet.",
)
@with_tools
def migrate(tools: Tools, sql: bool, check: bool, wait: int) -> None:
    """Make the store's tables, or bring them up to date."""
    if sql and check:
        raise click.UsageError("--sql and --check exclude each other.")
    if check:
        tools.check_migrations()
        click.echo("The store is up to date.")
        return
    tools.migrate(sql=sql, wait=wait)
    if not sql:
        click.echo("The store is up to date.")
