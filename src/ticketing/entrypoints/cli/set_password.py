"""ticketing set-password"""

import click

from ticketing.domain.accounts.errors import AccountNotFound
from ticketing.entrypoints.cli.installation import open_box_office, pass_settings
from ticketing.entrypoints.cli.password_prompt import read_password
from ticketing.settings import Settings


@click.command()
@click.argument("username")
@pass_settings
def set_password(settings: Settings, username: str) -> None:
    """Change the password of an account and log it out everywhere.

    Prompts for the password, or reads it from standard input if that is not a terminal.
    """
    box_office = open_box_office(settings)
    if not box_office.queries.accounts.account_named(username):  # before one is typed in vain
        raise AccountNotFound()
    account = box_office.accounts.change_password(username, read_password())
    click.echo(f"Changed the password of {account.username}, who is now logged out everywhere.")
