"""Errors as whoever typed the command shall read them: what is wrong, and no traceback."""

import errno
import logging

import click

from ticketing.domain.errors import DomainError, InvalidFields
from ticketing.domain.programme.import_entries import ImportRefused
from ticketing.entrypoints.cli.tools import CannotRun

log = logging.getLogger(__name__)


class Commands(click.Group):
    """A group whose commands end with a message instead of a traceback, and status 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # whoever read our output has had enough; click keeps quiet about it
            raise click.ClickException(message(error)) from error


def message(error: Exception) -> str:
    """What to say of ``error``."""
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
            return "Address already in use: --port chooses another one."
        case OSError():
            return f"{error.filename}: {error.strerror}" if error.filename else str(error)
    log.debug("The command failed.", exc_info=error)
    first_line = str(error).partition("\n")[0]
    return (
        "This should not have happened (TICKETING_LOG_LEVEL=debug shows where): "
        f"{type(error).__name__}: {first_line}"
    )


def _import_fault(where: str, field: str, fault: str) -> str:
    return f"{where}: {field}: {fault}" if field else f"{where}: {fault}"
