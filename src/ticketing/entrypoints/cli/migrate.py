"""ticketing migrate"""

import click

from ticketing.entrypoints.cli.tools import Tools, with_tools


@click.command()
@click.option("--sql", is_flag=True, help="Print the SQL that makes all tables; change nothing.")
@click.option("--check", is_flag=True, help="Only see whether the store is as the code wants it.")
@with_tools
def migrate(tools: Tools, sql: bool, check: bool) -> None:
    """Make the store's tables, or bring them up to date."""
    if sql and check:
        raise click.UsageError("--sql and --check exclude each other.")
    if check:
        tools.check_migrations()
        click.echo("The store is up to date.")
        return
    tools.migrate(sql=sql)
    if not sql:
        click.echo("The store is up to date.")
