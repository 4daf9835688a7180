"""ticketing set-role"""

import click

from ticketing.domain.accounts.account import Role
from ticketing.entrypoints.cli.tools import Tools, with_tools


@click.command()
@click.argument("username")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@with_tools
def set_role(tools: Tools, username: str, role: str) -> None:
    """Give an account another role.

    That logs it out everywhere.
    """
    account = tools.box_office().accounts.change_role(username, Role(role))
    click.echo(f"{account.username} is {account.role} now.")
