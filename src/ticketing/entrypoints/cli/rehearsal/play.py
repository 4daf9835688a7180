"""One rehearsal from the first customer to the verdict."""

import time
from dataclasses import dataclass

import click

from ticketing.domain.rehearsal.consistency import check_consistency
from ticketing.domain.rehearsal.rehearsal import Rehearsal
from ticketing.domain.rehearsal.rehearsal_service import RehearsalService
from ticketing.entrypoints.cli.rehearsal.crowd import Crowd
from ticketing.entrypoints.cli.rehearsal.progress import Progress
from ticketing.entrypoints.cli.rehearsal.rehearsed_server import demand_ours
from ticketing.entrypoints.cli.rehearsal.report import lines
from ticketing.entrypoints.cli.tools import Tools


@dataclass(frozen=True, slots=True)
class Play:
    """So many ``customers``, ``at_once`` of them at the same time, at the server at ``url``."""

    url: str
    customers: int
    at_once: int
    seed: int

    def __call__(self, tools: Tools, service: RehearsalService, rehearsal: Rehearsal) -> bool:
        """Whether something was sold, and all of it as customers were told."""
        show = rehearsal.show
        for line in self._heading(tools, rehearsal):
            click.echo(line)
        token_for = tools.access_tokens()
        accounts = service.invite(rehearsal, self.customers, Progress("Invited", self.customers))
        demand_ours(self.url, accounts[0], token_for(accounts[0]), show, time.sleep)

        crowd = Crowd(self.url, show, accounts, self.seed, self.at_once)
        began = time.perf_counter()
        told, tally = crowd.rush(token_for, Progress("Served", self.customers))
        seconds = time.perf_counter() - began

        shown = crowd.look(tally)
        held = service.stored_sales(rehearsal)
        verdict = check_consistency(told, held, shown)
        for line in lines(show, told, held, verdict, tally, seconds):
            click.echo(line)
        return verdict.is_consistent and any(purchase.confirmed for purchase in told)

    def _heading(self, tools: Tools, rehearsal: Rehearsal) -> list[str]:
        show = rehearsal.show
        starts_at = show.starts_at.astimezone(tools.timezone)
        return [
            f"{show.movie.title} - {show.screen.name} - {starts_at:%a %d %B %Y, %H:%M}",
            f"rehearsed at {self.url} on show {show.id}, which goes with it",
            f"{self.customers:,} customers, {self.at_once} at once, --seed {self.seed}",
            "",
        ]
