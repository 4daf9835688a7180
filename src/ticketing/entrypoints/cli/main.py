"""The command ``ticketing``."""

import sys
from io import TextIOWrapper

import click

from ticketing import __version__
from ticketing.entrypoints.cli.create_admin import create_admin
from ticketing.entrypoints.cli.demo.command import demo
from ticketing.entrypoints.cli.distribute import distribute
from ticketing.entrypoints.cli.doctor.command import doctor
from ticketing.entrypoints.cli.error_messages import ErrorReportingGroup
from ticketing.entrypoints.cli.import_programme.command import import_programme
from ticketing.entrypoints.cli.migrate import migrate
from ticketing.entrypoints.cli.rehearse.command import rehearse
from ticketing.entrypoints.cli.serve import serve
from ticketing.entrypoints.cli.set_password import set_password
from ticketing.entrypoints.cli.set_role import set_role
from ticketing.entrypoints.cli.show import show

EPILOG = """\
Settings are environment variables named TICKETING_*, or lines of a file .env in TICKETING_HOME
(by default the current directory); .env.example lists them all. Without any settings, the data
is stored in ticketing.db in that directory.

\b
Try it out:            ticketing demo --serve
Open a new cinema:     ticketing migrate
                       ticketing create-admin maria
                       ticketing import programme.csv
                       ticketing serve
"""


@click.group(
    cls=ErrorReportingGroup,
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
    """Run and manage a cinema's box office."""


def main() -> None:
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may lack the letters of a title
    cli(prog_name="ticketing")
