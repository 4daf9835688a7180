"""How commands read a password."""

import sys

import click


def read_password() -> str:
    """Prompt for a password on a terminal, otherwise read a line of standard input.

    A password is never an argument: arguments show in process lists and shell histories.
    """
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
