"""Who may read the files that hold secrets, and whether there is room for the database."""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from ticketing.entrypoints.cli.findings import Finding, Grade, fault, ok, warning
from ticketing.settings import Settings

_SCARCE = 1 * 2**30
_NONE_LEFT = 50 * 2**20
_MAKE_ROOM = "Make room, or move it: who cannot write answers 503."


def check_files(
    settings: Settings, environment: Mapping[str, str], database: Path | None, kept_secret: Path
) -> Iterator[Finding]:
    own = [settings.home / ".env"]
    if settings.secret_key is None:
        own.append(kept_secret)
    for file in own:
        yield from _check_private(file, Grade.FAULT, f"chmod 600 {file}")
    for file in _secret_files(environment):  # in a container, everybody is one user
        remedy = f"chmod 600 {file}; in a container, see that its folder on the host is closed."
        yield from _check_private(file, Grade.WARNING, remedy)
    if database is not None:
        yield from _check_room(database)


def _secret_files(environment: Mapping[str, str]) -> list[Path]:
    return [
        Path(value).expanduser()
        for name, value in sorted(environment.items())
        if name.startswith("TICKETING_") and name.endswith("_FILE")
    ]


def _check_private(file: Path, where_public: Grade, remedy: str) -> Iterator[Finding]:
    if os.name == "nt" or not file.exists():
        return
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o007:
        says = f"Everybody on this machine may read or change {file}."
        yield Finding(where_public, "files", says, remedy)
    elif mode & 0o070:
        yield warning(
            "files", f"A group may read or change {file}.", "See who is in it, or chmod 600."
        )
    else:
        yield ok("files", f"{file} is private.")


def _check_room(database: Path) -> Iterator[Finding]:
    folder = database.parent
    if not folder.is_dir():
        yield fault(
            "files", f"There is no directory {folder}.", "Make it: the database lies there."
        )
        return
    if not os.access(folder, os.W_OK):
        yield fault("files", f"{folder} cannot be written.", "SQLite writes beside its file.")
        return
    free = shutil.disk_usage(folder).free
    says = f"{free / 2**30:.1f} GiB are free for {database.name}."
    if free < _NONE_LEFT:
        yield fault("files", says, _MAKE_ROOM)
    elif free < _SCARCE:
        yield warning("files", says, _MAKE_ROOM)
    else:
        yield ok("files", says)
