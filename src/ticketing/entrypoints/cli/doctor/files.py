"""Whether files that hold secrets are private, and whether the database has disk space."""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from ticketing.entrypoints.cli.doctor.findings import Finding, Severity, fault, ok, warning
from ticketing.settings import Settings

_AREA = "files"
_LOW_SPACE_BYTES = 1 * 2**30
_NO_SPACE_BYTES = 50 * 2**20


def check_files(
    settings: Settings,
    environment: Mapping[str, str],
    database: Path | None,
    kept_secret: Path,
) -> Iterator[Finding]:
    """``database`` is SQLite's file; ``kept_secret`` holds the key if no setting does."""
    own = [settings.home / ".env"]
    if settings.secret_key is None:
        own.append(kept_secret)
    for file in own:
        yield from _check_permissions(file, Severity.FAULT, f"Run chmod 600 {file}.")
    for name, value in sorted(environment.items()):
        if name.startswith("TICKETING_") and name.endswith("_FILE"):
            file = Path(value).expanduser()
            remedy = f"Run chmod 600 {file}; for a container, close its directory on the host."
            # only a warning: in a container, there often is only one user
            yield from _check_permissions(file, Severity.WARNING, remedy)
    if database:
        yield from _check_disk_space(database)


def _check_permissions(file: Path, if_public: Severity, remedy: str) -> Iterator[Finding]:
    if os.name == "nt" or not file.exists():
        return
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o007:
        message = f"Every user of this machine can read or change {file}."
        yield Finding(if_public, _AREA, message, remedy)
    elif mode & 0o070:
        remedy = f"Check the members of the group, or run chmod 600 {file}."
        yield warning(_AREA, f"A group can read or change {file}.", remedy)
    else:
        yield ok(_AREA, f"{file} is private.")


def _check_disk_space(database: Path) -> Iterator[Finding]:
    folder = database.parent
    if not folder.is_dir():
        yield fault(_AREA, f"The directory {folder} does not exist.", "Create it for the database.")
        return
    if not os.access(folder, os.W_OK):
        yield fault(_AREA, f"{folder} is not writable.", "Allow it: SQLite writes beside its file.")
        return
    free = shutil.disk_usage(folder).free
    message = f"{free / 2**30:.1f} GiB are free for {database.name}."
    remedy = "Free disk space or move the database: a full disk stops all sales."
    if free < _NO_SPACE_BYTES:
        yield fault(_AREA, message, remedy)
    elif free < _LOW_SPACE_BYTES:
        yield warning(_AREA, message, remedy)
    else:
        yield ok(_AREA, message)
