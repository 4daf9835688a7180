"""The store in dictionaries keeps what every store promises."""

from tests.contracts import StorageContract


class TestMemory(StorageContract): ...
