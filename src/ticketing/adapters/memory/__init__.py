"""The store in dictionaries: for unit tests, and for reading what the ports promise."""

from ticketing.adapters.memory.queries import memory_queries
from ticketing.adapters.memory.transactions import MemoryTransactions

__all__ = ["MemoryTransactions", "memory_queries"]
