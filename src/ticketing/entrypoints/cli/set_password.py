"""ticketing set-password"""

import click

from ticketing.domain.accounts.errors import AccountNotFound
from ticketing.entrypoints.cli.password import asked_password
from ticketing.entrypoints.cli.tools import Tools, with_tools


@click.command()
@click.argument("username")
@with_tools
def set_password(tools: Tools, username: str) -> None:
    """Give an account another password.

    That logs it out everywhere. The password is asked for, or read from standard input where that
    is no terminal.
    """
    box_office = tools.box_office()
    if (
        box_office.queries.accounts.account_named(username) is None
    ):  # before anybody types one in vain
        raise AccountNotFound()
    account = box_office.accounts.change_password(username, asked_password())
    click.echo(f"{account.username} has another password now, and is logged out everywhere.")
