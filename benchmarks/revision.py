"""Another revision of the application, to measure beside this one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Checkout:
    """A directory with the application, and the Python that has its dependencies."""

    root: Path = ROOT
    python: str = sys.executable


@contextmanager
def checked_out(revision: str) -> Iterator[Checkout]:
    """Check a git revision out in a temporary directory, and install its dependencies."""
    with TemporaryDirectory(prefix="bench-") as directory:
        root = Path(directory, "revision")
        _git("worktree", "add", "--quiet", "--detach", str(root), revision)
        try:
            set_up = [sys.executable, str(root / "dev.py"), "bench", "--help"]
            subprocess.run(set_up, check=True, stdout=subprocess.DEVNULL)
            yield Checkout(root, str(root / ".venv" / "bin" / "python"))
        finally:
            _git("worktree", "remove", "--force", str(root))


def _git(*command: str) -> None:
    subprocess.run(["git", "-C", str(ROOT), *command], check=True)
