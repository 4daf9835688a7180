"""The measured server: a process on 127.0.0.1, of this revision or of an earlier one."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.integration.postgresql_server import die_with_parent, free_port
from tests.integration.running_server import RunningServer, environment, is_ready

ROOT = Path(__file__).parents[1]
TIMEOUT_SECONDS = 60.0
"""How long the server may take to start or stop."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A directory with the application, and the Python that has its dependencies."""

    root: Path = ROOT
    python: str = sys.executable


@contextmanager
def check_out(revision: str) -> Iterator[Checkout]:
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


@contextmanager
def serve(home: Path, settings: Mapping[str, str], checkout: Checkout) -> Iterator[RunningServer]:
    """Serve a checkout until the block ends. The settings' names have no prefix."""
    source = f"{checkout.root / 'src'}:{checkout.root}"
    port, log = free_port(), home / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [checkout.python, "-P", "-m", "benchmarks.yardstick_app", str(port)],
            env=environment(home, **settings) | {"PYTHONPATH": source},
            cwd=home, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,  # Ctrl-C must not reach the server
            preexec_fn=die_with_parent,
        )  # fmt: skip
    try:
        server = RunningServer(process, port, log)
        _wait_until_ready(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(TIMEOUT_SECONDS)
        finally:
            process.kill()


def _wait_until_ready(server: RunningServer) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not is_ready(server):
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The server does not start:\n{server.printed[-2000:]}")
        time.sleep(0.02)
