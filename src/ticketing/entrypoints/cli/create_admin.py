"""ticketing create-admin"""

import click

from ticketing.domain.accounts.account import Role
from ticketing.domain.accounts.errors import UsernameTaken
from ticketing.entrypoints.cli.installation import open_box_office, pass_settings
from ticketing.entrypoints.cli.password_prompt import read_password
from ticketing.settings import Settings


@click.command()
@click.argument("username")
@click.option("--email", help="E-mail address, which can also be used to log in.")
@click.option(
    "--role",
    type=click.Choice([Role.ADMIN.value, Role.STAFF.value]),
    default=Role.ADMIN.value,
    show_default=True,
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
    account = box_office.accounts.sign_up(username, read_password(), email, Role(role))
    click.echo(f"Created {account.username} with the role {account.role}.")
