"""ticketing set-role"""

import click

from ticketing.domain.accounts.account import Role
from ticketing.entrypoints.cli.installation import open_box_office, pass_settings
from ticketing.settings import Settings


@click.command()
@click.argument("username")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@pass_settings
def set_role(settings: Settings, username: str, role: str) -> None:
    """Change the role of an account and log it out everywhere."""
    account = open_box_office(settings).accounts.change_role(username, Role(role))
    click.echo(f"{account.username} now has the role {account.role}.")
