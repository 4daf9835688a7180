"""Clients of a show, on a server with injected faults."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.faults.client_pool import ClientPool
from tests.integration.faults.on_sale import SETTINGS, OnSale, on_sale
from tests.integration.running_server import RunningServer, running_server


@pytest.fixture(params=["sqlite_url", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """PostgreSQL at its default isolation level only, which is not the subject here."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def sale(database_url: str) -> Iterator[OnSale]:
    with on_sale(database_url) as sale:
        yield sale


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[RunningServer]:
    settings = {"DATABASE_URL": database_url, **SETTINGS}
    with running_server(
        tmp_path, "serve", "--workers", "2", "--threads", "8", **settings
    ) as server:
        yield server
        assert server.stop() == 0
        assert "Traceback" not in server.printed, server.printed


@pytest.fixture
def pool(server: RunningServer, sale: OnSale) -> Iterator[ClientPool]:
    with ClientPool(server.port, sale) as pool:
        yield pool
