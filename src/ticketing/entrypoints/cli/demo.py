"""ticketing demo"""

import click

from ticketing.entrypoints.cli.demo_cinema.accounts import open_accounts
from ticketing.entrypoints.cli.demo_cinema.loader import top_up
from ticketing.entrypoints.cli.serve import address, is_loopback, server_options
from ticketing.entrypoints.cli.tools import CannotRun, Tools, with_tools


@click.command()
@click.option("--serve", "serves", is_flag=True, help="Serve it, too.")
@server_options
@with_tools
def demo(
    tools: Tools, serves: bool, host: str, port: int, workers: int | None, threads: int | None
) -> None:
    """Load a cinema to play with.

    It has four screens, and shows for a week from today on, some of whose seats are sold. Loading
    it again tops the week up and leaves everything else alone. The accounts' passwords
    are well known, or new ones each time where --host lets other machines in.
    """
    if tools.is_production:
        raise CannotRun("The demo and its accounts are not for TICKETING_ENV=production.")
    if serves:  # or it would change a running demo's passwords, and then not serve
        tools.demand_address(host, port)
    tools = tools.as_demo()
    tools.migrate()
    box_office = tools.box_office()
    accounts = open_accounts(box_office, is_private=is_loopback(host))
    top_up(box_office, tools.timezone, tools.now())

    def announce() -> None:
        click.echo(_welcome(address(host, port), accounts))
        if not is_loopback(host):
            click.echo("\nOpen to the network. These passwords are good until the next start.")

    if serves:
        tools.serve(host, port, workers or tools.workers, threads or tools.threads, announce)
    else:
        announce()
        click.echo("\nServe it with --serve.")


def _welcome(url: str, accounts: dict[str, str]) -> str:
    lines = [
        f"Ticketing demo      {url}",
        f"Documentation       {url}/swagger/",
        f"The staff's pages   {url}/admin/",
        "",
        "Username  Password",
        *(f"{username:<9} {password}" for username, password in accounts.items()),
    ]
    return "\n".join(lines)
