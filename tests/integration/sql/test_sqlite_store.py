"""The store in an SQLite file fulfils the storage contract."""

import pytest

from tests.contracts import StorageContract
from tests.contracts.state_machine import StateMachineContract


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


class TestSqlite(StorageContract): ...


class TestStoriesInSqlite(StateMachineContract):
    sequences = 8
