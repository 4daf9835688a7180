"""What the integration tests share."""

from collections.abc import Iterator

import pytest

from tests.integration.postgresql_server import Server, server_for_tests


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    with server_for_tests() as server:
        yield server
