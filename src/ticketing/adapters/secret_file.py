"""The generated secret key, for installations that configure none."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def load_or_create_secret(path: Path) -> str:
    """Return the key in the file at ``path``, and create it where it does not exist.

    Only the owner can read the file. It is created atomically: of several processes the first
    wins. Raises OSError where it can be neither read nor created.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as file:  # mode 0600
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text("ascii").strip()


def default_secret_path(sqlite_file: Path | None) -> Path:
    """Return the path beside the SQLite file, or else in the user's state directory.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    if sqlite_file is not None:
        return sqlite_file.with_name(sqlite_file.name + ".secret")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "ticketing" / "secret"
