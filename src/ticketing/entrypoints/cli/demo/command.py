"""ticketing demo"""

import os

import click

from ticketing.adapters.sql.engine.clock import system_clock
from ticketing.entrypoints.cli.demo.accounts import open_accounts
from ticketing.entrypoints.cli.demo.loader import load_week
from ticketing.entrypoints.cli.installation import CannotRun, open_box_office, pass_settings
from ticketing.entrypoints.cli.schema import migrate_schema
from ticketing.entrypoints.cli.serve import is_loopback, run_server, server_options, server_url
from ticketing.entrypoints.server import require_free
from ticketing.settings import Settings, environment

DEMO_SETTINGS = {"TICKETING_PASSWORD_MIN_LENGTH": "6", "TICKETING_COMMON_PASSWORDS": "allow"}


@click.command()
@click.option("--serve", "is_served", is_flag=True, help="Serve it as well.")
@server_options
@pass_settings
def demo(
    settings: Settings,
    is_served: bool,
    host: str,
    port: int,
    workers: int | None,
    threads: int | None,
) -> None:
    """Load a demo cinema.

    It has four screens, each with a room of its kind, and a week of shows from today on, with some
    seats sold. One show is sold out and has a waiting list. Running it again adds the missing days
    and changes nothing else. The accounts have well-known passwords, or new ones each time if
    --host makes the server reachable from other machines.
    """
    if settings.is_production:
        raise CannotRun("The demo cannot be loaded with TICKETING_ENV=production.")
    if is_served:  # before the passwords of a demo that is being served change
        require_free(host, port)
    settings = _demo_settings()
    migrate_schema(settings)
    box_office = open_box_office(settings)
    accounts = open_accounts(box_office, is_private=is_loopback(host))
    load_week(box_office, settings.timezone, system_clock())

    def announce() -> None:
        click.echo(_welcome(server_url(host, port), accounts))
        if not is_loopback(host):
            click.echo("\nOther machines can connect. The passwords change with each start.")

    if is_served:
        run_server(settings, host, port, workers, threads, announce)
    else:
        announce()
        click.echo("\nStart the server with `ticketing demo --serve`.")


def _demo_settings() -> Settings:
    """Allow simple passwords unless the settings say otherwise, in the server processes too."""
    given = environment()
    for name, value in DEMO_SETTINGS.items():
        if not given.get(name):
            os.environ[name] = value
    return Settings.from_env(environment())


def _welcome(url: str, accounts: dict[str, str]) -> str:
    passwords = "\n".join(f"{name:<9} {password}" for name, password in accounts.items())
    return (
        f"Ticketing demo      {url}\n"
        f"API documentation   {url}/swagger/\n"
        f"Staff pages         {url}/admin/\n"
        f"\nUsername  Password\n{passwords}"
    )
