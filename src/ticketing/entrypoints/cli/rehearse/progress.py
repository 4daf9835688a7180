"""Progress of a rehearsal: a line that changes on a terminal, a few lines elsewhere."""

import sys

import click

STEPS = 5


class Progress:
    """Of ``total`` customers. Call it with the number that is done."""

    def __init__(self, label: str, total: int) -> None:
        self._label = label
        self._total = total
        self._shown = 0
        self._is_terminal = sys.stderr.isatty()

    def __call__(self, done: int) -> None:
        line = f"{self._label}: {done:,} of {self._total:,} customers"
        step = done * STEPS // self._total
        if self._is_terminal:
            click.echo(f"\r{line}", err=True, nl=done == self._total and done != self._shown)
        elif step > self._shown * STEPS // self._total:
            click.echo(line, err=True)
        self._shown = done
