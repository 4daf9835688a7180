"""A demo of its own for each document."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.running_server import RunningServer, copy_demo, running_server


@pytest.fixture(scope="module")
def server(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    home = tmp_path_factory.mktemp("demo")
    copy_demo(demo, home)
    with running_server(home) as server:
        yield server
        assert "Traceback" not in server.printed, server.printed
