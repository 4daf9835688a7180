"""ticketing create-admin"""

import click

from ticketing.domain.accounts.account import Role
from ticketing.domain.accounts.errors import UsernameTaken
from ticketing.entrypoints.cli.password import asked_password
from ticketing.entrypoints.cli.tools import Tools, with_tools


@click.command()
@click.argument("username")
@click.option("--email", help="E-mail address, which may be used to log in as well.")
@click.option(
    "--role",
    type=click.Choice([Role.ADMIN.value, Role.STAFF.value]),
    default=Role.ADMIN.value,
    show_default=True,
    help="What the account may do.",
)
@with_tools
def create_admin(tools: Tools, username: str, email: str | None, role: str) -> None:
    """Create an account for the cinema's staff.

    The password is asked for, or read from standard input where that is no terminal.
    """
    box_office = tools.box_office()
    if box_office.queries.accounts.account_named(
        username
    ):  # before anybody types a password in vain
        raise UsernameTaken(
            f"There is an account {username} already (see set-role and set-password)."
        )
    account = box_office.accounts.sign_up(username, asked_password(), email, Role(role))
    click.echo(f"{account.username} is {account.role} now.")
