"""Pages of long lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """The requested part of a list."""

    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, and the length of the whole list."""

    items: Sequence[T]
    total: int
