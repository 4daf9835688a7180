"""Whether the server at a URL is ready and uses the same database and keys as this command."""

import time
from urllib.parse import urlsplit

import click

from ticketing.domain.accounts.account import Account
from ticketing.domain.programme.show import Show
from ticketing.entrypoints.cli.installation import CannotRun
from ticketing.entrypoints.cli.rehearse.http_client import (
    TOO_MANY_REQUESTS,
    Answer,
    HttpClient,
    Request,
)

_PAUSES = (0.5, 1.0, 2.0, 0.0)  # between checks, in seconds
_OTHER_DATABASE = (
    "The server at {url} uses another database than this command: it does not know the rows that "
    "were just written. Run this command with the server's settings."
)
_OTHER_KEY = (
    "The server at {url} refuses our access tokens: its TICKETING_SECRET_KEY or other settings "
    "differ. Run this command with the server's settings."
)
_UNKNOWN_HOST = (
    "The server at {url} does not accept this host name (400): use the one of "
    "TICKETING_PUBLIC_URL, or add it to TICKETING_ALLOWED_HOSTS."
)
_LIMITED = (
    "The server at {url}, or a proxy in front of it, limits the requests of this machine (429): "
    "set TICKETING_RATELIMIT=off for the rehearsal."
)


def parse_url(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Return an HTTP URL without its last slash (a click callback)."""
    try:
        parts = urlsplit(value)
        is_valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # the port is not a number
        is_valid = False
    if not is_valid:
        raise click.BadParameter("A URL such as http://127.0.0.1:8000 is required.")
    return value.rstrip("/")


def require_ready(url: str) -> None:
    """Raise CannotRun if no box office is ready at ``url``."""
    answer = _send(url, Request(kind="check", path="/readyz"))
    if answer.status == 400:  # in production, the Host header is checked
        raise CannotRun(_UNKNOWN_HOST.format(url=url))
    if answer.status != 200:
        raise CannotRun(f"The server at {url} is not ready: /readyz returns {answer.status}.")


def require_same_database(url: str, account: Account, token: str) -> None:
    """Raise CannotRun unless the server knows the name of ``account``, which was just created.

    Ids are not enough: another database may have a real account with the same id.
    """
    for pause in _PAUSES:
        answer = _send(url, Request(kind="check", path="/api/auth/me", token=token))
        if answer.status == 401:
            raise CannotRun(_OTHER_KEY.format(url=url))
        if answer.is_final and answer.content.get("username") == account.username:
            return
        if answer.is_final:
            break
        time.sleep(pause)
    raise CannotRun(_OTHER_DATABASE.format(url=url))


def require_visible(url: str, show: Show) -> None:
    """Raise CannotRun unless the server shows the new show, from its replica after some seconds."""
    for pause in _PAUSES:
        if _send(url, Request(kind="check", path=f"/api/shows/{show.id}")).status == 200:
            return
        time.sleep(pause)
    raise CannotRun(_OTHER_DATABASE.format(url=url))


def _send(url: str, request: Request) -> Answer:
    with HttpClient(url, []) as client:
        (answer,) = client.send(request)
    if answer is None:
        raise CannotRun(f"No server answers at {url}: start it with `ticketing serve`.")
    if answer.status == TOO_MANY_REQUESTS:
        raise CannotRun(_LIMITED.format(url=url))
    return answer
