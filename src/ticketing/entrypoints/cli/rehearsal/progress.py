"""How far a rehearsal is: a line that changes on a terminal, a few lines elsewhere."""

import sys

import click

_STEPS = 5


class Progress:
    """Of ``total`` customers."""

    def __init__(self, label: str, total: int) -> None:
        self._label = label
        self._total = total
        self._told = 0
        self._changes = sys.stderr.isatty()

    def __call__(self, done: int) -> None:
        line = f"{self._label}: {done:,} of {self._total:,} customers"
        step = done * _STEPS // self._total
        if self._changes:
            click.echo(f"\r{line}", err=True, nl=done == self._total and done != self._told)
        elif step > self._told * _STEPS // self._total:
            click.echo(line, err=True)
        self._told = done
