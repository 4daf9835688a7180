"""The command line. Commands are thin: they ask, call the box office, and tell the outcome."""

import sys
from collections.abc import Callable
from functools import cache
from io import TextIOWrapper

import click

from ticketing import __version__
from ticketing.entrypoints.cli.create_admin import create_admin
from ticketing.entrypoints.cli.demo import demo
from ticketing.entrypoints.cli.distribute import distribute
from ticketing.entrypoints.cli.doctor import doctor
from ticketing.entrypoints.cli.import_programme import import_programme
from ticketing.entrypoints.cli.migrate import migrate
from ticketing.entrypoints.cli.refusals import Commands
from ticketing.entrypoints.cli.rehearse import rehearse
from ticketing.entrypoints.cli.serve import serve
from ticketing.entrypoints.cli.set_password import set_password
from ticketing.entrypoints.cli.set_role import set_role
from ticketing.entrypoints.cli.show import show
from ticketing.entrypoints.cli.tools import CannotRun, Tools

__all__ = ["CannotRun", "Tools", "cli", "run"]

EPILOG = """\
Settings are environment variables named TICKETING_*, or lines of a file .env in TICKETING_HOME
(by default the current directory); .env.example lists them all. Without any, the box office
keeps its data in ticketing.db there.

\b
Try it out:            ticketing demo --serve
Open a new cinema:     ticketing migrate
                       ticketing create-admin maria
                       ticketing import programme.csv
                       ticketing serve
"""


@click.group(
    cls=Commands,
    commands=[
        serve,
        migrate,
        distribute,
        demo,
        create_admin,
        set_role,
        set_password,
        import_programme,
        show,
        rehearse,
        doctor,
    ],
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="ticketing")
def cli() -> None:
    """A cinema's box office: its server, its store and its programme."""


def run(make_tools: Callable[[], Tools]) -> None:
    """Do what the command line says. ``make_tools`` is called once, and only if need be."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may lack the letters of a title
    cli(obj=cache(make_tools), prog_name="ticketing")
