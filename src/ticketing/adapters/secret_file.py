"""A signing key that is made once and kept, for those who have configured none."""

import os
import secrets
from pathlib import Path


def kept_secret(path: Path) -> str:
    """The key in that file, which only its owner may read; made where there is none.

    Raises OSError where it can be neither read nor made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
    return path.read_text("ascii").strip()


def place_of_secret(sqlite_file: Path | None) -> Path:
    """Beside the SQLite file, or else where the user's programs keep what they need again.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    if sqlite_file is not None:
        return sqlite_file.with_name(sqlite_file.name + ".secret")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "ticketing" / "secret"
