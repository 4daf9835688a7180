"""The store in dictionaries fulfils the storage contract."""

from tests.contracts import StorageContract
from tests.contracts.state_machine import StateMachineContract


class TestMemory(StorageContract): ...


class TestStoriesInMemory(StateMachineContract):
    sequences = 50
