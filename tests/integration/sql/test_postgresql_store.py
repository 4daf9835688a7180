"""The store in PostgreSQL fulfils the storage contract."""

import pytest

from tests.contracts import StorageContract
from tests.contracts.state_machine import StateMachineContract


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    return postgresql_url


class TestPostgresql(StorageContract): ...


class TestStoriesInPostgresql(StateMachineContract):
    sequences = 8
