"""The command ``ticketing``, and how its errors are reported to the operator."""

import errno
import logging
import sys
from io import TextIOWrapper

import click

from ticketing import __version__
from ticketing.domain.errors import DomainError, InvalidFields
from ticketing.domain.programme.programme_import import ImportRefused
from ticketing.domain.programme.seat_plans.faults import InvalidPlan
from ticketing.entrypoints.cli.accounts import create_admin, set_password, set_role
from ticketing.entrypoints.cli.demo.command import demo
from ticketing.entrypoints.cli.doctor.command import doctor
from ticketing.entrypoints.cli.export_plan import export_plan
from ticketing.entrypoints.cli.import_plan import import_plan
from ticketing.entrypoints.cli.import_programme import import_programme
from ticketing.entrypoints.cli.installation import CannotRun
from ticketing.entrypoints.cli.rehearse.command import rehearse
from ticketing.entrypoints.cli.schema import distribute, migrate
from ticketing.entrypoints.cli.seat_map import show
from ticketing.entrypoints.cli.serve import serve
from ticketing.entrypoints.cli.serve_live import serve_live

EPILOG = """\
Settings are environment variables named TICKETING_*, or lines of a file .env in TICKETING_HOME
(by default the current directory); .env.example lists them all. Without any settings, the data
is stored in ticketing.db in that directory.

\b
Try it out:            ticketing demo --serve
Open a new cinema:     ticketing migrate
                       ticketing create-admin maria
                       ticketing import-plan screen-1.toml --screen "Screen 1"
                       ticketing import programme.csv
                       ticketing serve
"""

logger = logging.getLogger(__name__)


class ErrorReportingGroup(click.Group):
    """A group whose commands end with a message and exit status 1 instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # the reader of our output has closed it; click ends quietly
            raise click.ClickException(_message_for(error)) from error


@click.group(
    cls=ErrorReportingGroup,
    commands=[serve, serve_live, migrate, distribute, demo, create_admin, set_role, set_password,
              import_programme, import_plan, export_plan, show, rehearse, doctor],
    epilog=EPILOG,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "show_default": True,
    },
)  # fmt: skip
@click.version_option(__version__, prog_name="ticketing")
def cli() -> None:
    """Run and manage a cinema's box office."""


def main() -> None:
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may lack the letters of a title
    cli(prog_name="ticketing")


def _message_for(error: Exception) -> str:
    """Return what is wrong and, where known, how to fix it."""
    match error:
        case InvalidFields():
            errors = error.facts["errors"]
            return "\n".join(f"{field}: {' '.join(faults)}" for field, faults in errors.items())
        case ImportRefused():
            faults = (
                ": ".join(filter(None, (fault["where"], fault["field"], fault["fault"])))
                for fault in error.facts["faults"]
            )
            return "\n".join((error.detail, *faults))
        case InvalidPlan():
            faults = (
                f"{place}: {fault}" if place else fault
                for place, found in error.facts["errors"].items()
                for fault in found
            )
            return "\n".join((error.detail, *faults))
        case DomainError() | CannotRun():
            return str(error)
        case OSError(errno=errno.EADDRINUSE):
            return "Address already in use: choose another port with --port."
        case OSError():
            return f"{error.filename}: {error.strerror}" if error.filename else str(error)
    logger.debug("The command failed.", exc_info=error)
    first_line = str(error).partition("\n")[0]
    return (
        f"Unexpected error: {type(error).__name__}: {first_line}\n"
        "Set TICKETING_LOG_LEVEL=debug to see the traceback."
    )
