"""The store in dictionaries: for unit tests, and for reading what the ports promise."""

from ticketing.adapters.memory.queries import MemoryQueries
from ticketing.adapters.memory.transactions import MemoryTransactions

__all__ = ["MemoryQueries", "MemoryTransactions"]
