"""Whether the server at an address is the one that a rehearsal is for."""

from collections.abc import Callable
from urllib.parse import urlsplit

import click

from ticketing.domain.accounts.account import Account
from ticketing.domain.programme.show import Show
from ticketing.entrypoints.cli.rehearsal.tally import Tally
from ticketing.entrypoints.cli.rehearsal.transport import LIMITED, Answer, HttpTransport, Request
from ticketing.entrypoints.cli.tools import CannotRun

_OTHER_DATABASE = (
    "The server at {url} works on another database than this command: it does not know what was "
    "just written. Run it with the server's settings."
)
_OTHER_KEY = (
    "The server at {url} refuses our access tokens: it has another TICKETING_SECRET_KEY or other "
    "settings than this command. Run it with the server's settings."
)
_OTHER_HOST = (
    "The server at {url} does not go by that name (400): take one of TICKETING_PUBLIC_URL or "
    "TICKETING_ALLOWED_HOSTS, or add it there."
)
_LIMITED = (
    "The server at {url}, or a proxy before it, limits how much this machine may ask (429): "
    "rehearse with TICKETING_RATELIMIT=off."
)


def server_url(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """A click callback: http or https, a host, perhaps a port and a path."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number
        good = False
    if not good:
        raise click.BadParameter("An address such as http://127.0.0.1:8000 is wanted.")
    return value.rstrip("/")


def demand_answer(url: str) -> None:
    """Raises CannotRun where no box office is ready at ``url``."""
    answer = _ask(url, Request(kind="check", method="GET", path="/readyz"))
    if answer.status == 400:  # in production, hosts are named
        raise CannotRun(_OTHER_HOST.format(url=url))
    if answer.status != 200:
        raise CannotRun(f"The server at {url} is not ready: /readyz says {answer.status}.")


def demand_ours(
    url: str, account: Account, token: str, show: Show, wait: Callable[[float], None]
) -> None:
    """Raises CannotRun unless the server knows ``account`` by the name that we just gave it.

    Ids are not enough: another database would have a real show under the same one. A replica
    that the server reads from may take a few seconds to hear of both.
    """
    me = Request(kind="check", method="GET", path="/api/auth/me", token=token)
    there = Request(kind="check", method="GET", path=f"/api/shows/{show.id}")
    for pause in (0.5, 1.0, 2.0, 0.0):
        answer = _ask(url, me)
        if answer.status == 401:
            raise CannotRun(_OTHER_KEY.format(url=url))
        is_known = answer.settles and answer.content.get("username") == account.username
        if is_known and _ask(url, there).status == 200:
            return
        wait(pause)
    raise CannotRun(_OTHER_DATABASE.format(url=url))


def _ask(url: str, request: Request) -> Answer:
    with HttpTransport(url, Tally()) as transport:
        (answer,) = transport.send(request)
    if answer is None:
        raise CannotRun(f"No server answers at {url}: start one with `ticketing serve`.")
    if answer.status == LIMITED:
        raise CannotRun(_LIMITED.format(url=url))
    return answer
