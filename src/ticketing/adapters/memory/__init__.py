"""The store in dictionaries: for unit tests, and as the simplest reading of the ports."""

from ticketing.adapters.memory.queries import memory_queries
from ticketing.adapters.memory.transactions import MemoryTransactions

__all__ = ["MemoryTransactions", "memory_queries"]
