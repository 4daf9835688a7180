"""A signing key that is made once and kept, for those who have configured none."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def kept_secret(path: Path) -> str:
    """The key in that file, which only its owner may read; made where there is none.

    It appears complete or not at all, and of several who make one the first wins. Raises OSError
    where it can be neither read nor made.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as file:  # mode 0600
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text("ascii").strip()


def place_of_secret(sqlite_file: Path | None) -> Path:
    """Beside the SQLite file, or else where the user's programs keep what they need again.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    if sqlite_file is not None:
        return sqlite_file.with_name(sqlite_file.name + ".secret")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "ticketing" / "secret"
