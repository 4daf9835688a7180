"""ticketing serve"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, TypeVar

import click

from ticketing.entrypoints.cli.tools import Tools, with_tools

Command = TypeVar("Command", bound=Callable[..., Any])


def server_options(command: Command) -> Command:
    """Where and how to serve, the same for every command that does."""
    port, number = click.IntRange(1, 65535), click.IntRange(1, 256)
    for option in (
        click.option("--threads", type=number, help="Threads of each (TICKETING_THREADS)."),
        click.option("--workers", type=number, help="Server processes (TICKETING_WORKERS)."),
        click.option("--port", type=port, default=8000, show_default=True, help="Its port."),
        click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen."),
    ):
        command = option(command)
    return command


@click.command()
@server_options
@with_tools
def serve(tools: Tools, host: str, port: int, workers: int | None, threads: int | None) -> None:
    """Serve the box office.

    It ends with SIGTERM or Ctrl-C, once the requests under way are answered.
    """
    tools.serve(
        host,
        port,
        workers or tools.workers,
        threads or tools.threads,
        lambda: click.echo(f"Serving on {address(host, port)}"),
    )


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds the server."""
    ip = _ip(host)
    if ip and ip.is_unspecified:
        host = "127.0.0.1" if ip.version == 4 else "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the server. What is not known for sure is not."""
    ip = _ip(host)
    return ip.is_loopback if ip else host == "localhost"


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
