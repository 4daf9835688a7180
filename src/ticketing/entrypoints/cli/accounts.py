"""The commands ``create-admin``, ``set-role`` and ``set-password``."""

import sys

import click

from ticketing.domain.accounts.account import Role
from ticketing.domain.accounts.errors import AccountNotFound, UsernameTaken
from ticketing.entrypoints.cli.installation import open_box_office, pass_settings
from ticketing.settings import Settings


@click.command()
@click.argument("username")
@click.option("--email", help="E-mail address, which can also be used to log in.")
@click.option(
    "--role",
    type=click.Choice([Role.ADMIN.value, Role.STAFF.value]),
    default=Role.ADMIN.value,
    help="Role of the account.",
)
@pass_settings
def create_admin(settings: Settings, username: str, email: str | None, role: str) -> None:
    """Create an account for the cinema's staff.

    Prompts for the password, or reads it from standard input if that is not a terminal.
    """
    box_office = open_box_office(settings)
    if box_office.queries.accounts.account_named(username):  # before a password is typed in vain
        raise UsernameTaken(
            f"The account {username} already exists: change it with set-role or set-password."
        )
    account = box_office.accounts.sign_up(username, _read_password(), email, Role(role))
    click.echo(f"Created {account.username} with the role {account.role}.")


@click.command()
@click.argument("username")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@pass_settings
def set_role(settings: Settings, username: str, role: str) -> None:
    """Change the role of an account and log it out everywhere."""
    account = open_box_office(settings).accounts.change_role(username, Role(role))
    click.echo(f"{account.username} now has the role {account.role}.")


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
    account = box_office.accounts.change_password(username, _read_password())
    click.echo(f"Changed the password of {account.username}, who is now logged out everywhere.")


def _read_password() -> str:
    """A password is never an argument: arguments show in process lists and shell histories."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
