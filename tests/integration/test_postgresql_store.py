"""The store in PostgreSQL keeps what every store promises."""

import pytest

from tests.contracts import StorageContract


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    return postgresql_url


class TestPostgresql(StorageContract): ...
