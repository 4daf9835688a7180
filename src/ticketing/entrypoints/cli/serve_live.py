"""ticketing serve-live"""

import click

from ticketing.bootstrap import live_app
from ticketing.entrypoints import server
from ticketing.entrypoints.cli.installation import read_settings
from ticketing.entrypoints.cli.serve import server_url
from ticketing.entrypoints.live.app import MAX_STREAMS


@click.command()
@click.option("--host", default="127.0.0.1", help="Address to bind.")
@click.option("--port", type=click.IntRange(1, 65535), default=8003, help="Port.")
def serve_live(host: str, port: int) -> None:
    """Keep live seat maps open, behind the proxy.

    Serves GET /api/shows/{id}/seats/stream without a thread for each page. Reads the seat maps
    over HTTP from TICKETING_SERVER_URLS, so it needs no database and no secret. Where it does not
    run, the servers answer that path themselves.
    """
    settings = read_settings(signs_tokens=False)
    server.serve_streams(
        live_app,
        host,
        port,
        MAX_STREAMS,
        settings.request_seconds,
        lambda: click.echo(f"Streaming on {server_url(host, port)}"),
    )
