"""Each document meets a demo that nobody has used before."""

from collections.abc import Iterator

import pytest

from tests.integration.running_server import RunningServer, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("demo")) as server:
        yield server
        assert "Traceback" not in server.printed, server.printed
