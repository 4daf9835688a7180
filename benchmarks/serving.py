"""Running what is measured: the server, as a process of its own on 127.0.0.1."""

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.revision import Checkout
from tests.integration.postgresql_server import die_with_parent, free_port
from tests.integration.running_server import RunningServer, environment, is_ready

PATIENCE = 60.0  # seconds for the server to start or stop


@contextmanager
def serving(home: Path, settings: Mapping[str, str], checkout: Checkout) -> Iterator[RunningServer]:
    """Serve a checkout with ``settings`` (named without their prefix) until the block ends."""
    source = f"{checkout.root / 'src'}:{checkout.root}"
    port, log = free_port(), home / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [checkout.python, "-P", "-m", "benchmarks.yardstick_app", str(port)],
            env=environment(home, **settings) | {"PYTHONPATH": source},
            cwd=home, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,  # the terminal's Ctrl-C is for us
            preexec_fn=die_with_parent,
        )  # fmt: skip
    try:
        server = RunningServer(process, port, log)
        _wait_for(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()


def _wait_for(server: RunningServer) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_ready(server):
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The server does not start:\n{server.printed[-2000:]}")
        time.sleep(0.02)
