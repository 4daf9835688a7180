"""How commands ask for a password."""

import sys

import click


def asked_password() -> str:
    """Never an argument: those stand in process lists and in the shell's history."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
