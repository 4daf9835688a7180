"""Errors as messages for the operator, without a traceback."""

import errno
import logging

import click

from ticketing.domain.errors import DomainError, InvalidFields
from ticketing.domain.programme.import_entries import ImportRefused
from ticketing.entrypoints.cli.installation import CannotRun

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
            raise click.ClickException(message_for(error)) from error


def message_for(error: Exception) -> str:
    """Return what is wrong and, where known, how to fix it."""
    match error:
        case InvalidFields():
            faults = error.facts["errors"]
            return "\n".join(f"{field}: {' '.join(faults[field])}" for field in faults)
        case ImportRefused():
            lines = (_import_fault(**fault) for fault in error.facts["faults"])
            return "\n".join((error.detail, *lines))
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


def _import_fault(where: str, field: str, fault: str) -> str:
    return f"{where}: {field}: {fault}" if field else f"{where}: {fault}"
