"""ticketing serve"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import click

from ticketing import tracing
from ticketing.bootstrap import wsgi_app
from ticketing.entrypoints import server
from ticketing.entrypoints.cli.installation import (
    CannotRun,
    DatabaseUnreachable,
    connect,
    pass_settings,
    require_current_schema,
)
from ticketing.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


def server_options(command: Command) -> Command:
    """Add the options that every command which serves has."""
    port, number = click.IntRange(1, 65535), click.IntRange(1, 256)
    for option in (
        click.option("--threads", type=number, help="Threads per process (TICKETING_THREADS)."),
        click.option("--workers", type=number, help="Server processes (TICKETING_WORKERS)."),
        click.option("--port", type=port, default=8000, help="Port."),
        click.option("--host", default="127.0.0.1", help="Address to bind."),
    ):
        command = option(command)
    return command


@click.command()
@server_options
@pass_settings
def serve(
    settings: Settings, host: str, port: int, workers: int | None, threads: int | None
) -> None:
    """Serve the box office.

    SIGTERM or Ctrl-C stops it after the requests in progress are answered.
    """
    run_server(
        settings,
        host,
        port,
        workers,
        threads,
        lambda: click.echo(f"Serving on {server_url(host, port)}"),
    )


def run_server(
    settings: Settings,
    host: str,
    port: int,
    workers: int | None,
    threads: int | None,
    announce: Callable[[], None],
) -> None:
    """Serve until SIGTERM or SIGINT. ``announce`` is called once, when the port is bound.

    ``workers`` and ``threads`` default to the settings. Raises CannotRun for an outdated schema,
    OSError if the address cannot be bound.
    """
    if settings.tracing and not tracing.is_installed():
        raise CannotRun(tracing.MISSING)
    database = connect(settings)
    try:
        require_current_schema(database)
    except DatabaseUnreachable as unreachable:
        logging.getLogger(__name__).warning("%s Answering 503 until it is back.", unreachable)
    database.engine.dispose()  # the server processes open their own connections
    with _metrics_directory(settings):
        server.serve(
            partial(wsgi_app, server_url(host, port)),
            host,
            port,
            workers or settings.workers,
            threads or settings.threads,
            settings.request_seconds,
            announce,
        )


@contextmanager
def _metrics_directory(settings: Settings) -> Iterator[None]:
    """Give the server processes a new directory to sum up their metrics in."""
    if not settings.metrics_token:
        yield
        return
    with TemporaryDirectory(prefix="ticketing-metrics-") as directory:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
        yield


def server_url(host: str, port: int) -> str:
    """Return the URL at which a browser on this machine reaches the server."""
    ip = _ip(host)
    if ip and ip.is_unspecified:
        host = "127.0.0.1" if ip.version == 4 else "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach the server. False if that is not certain."""
    ip = _ip(host)
    return ip.is_loopback if ip else host == "localhost"


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
