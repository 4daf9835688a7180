"""A seat plan as a reader found it, whatever the format of its source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ticketing.domain.programme.seat_plans.model import Category, Feature, Side


@dataclass(slots=True)
class DraftSeat:
    """A seat, and ``where`` it is in the source. ``companion_of`` are names in the same row."""

    where: str
    name: str
    x: float
    y: float
    category: str = ""
    features: frozenset[Feature] = frozenset()
    companion_of: Sequence[str] = ()
    label: str = ""


@dataclass(slots=True)
class DraftRow:
    """A row, its seats in the order of the source."""

    where: str
    name: str
    seats: list[DraftSeat] = field(default_factory=list)


@dataclass(slots=True)
class DraftSection:
    """A section. Its ``rows`` are not empty when it becomes part of a plan."""

    where: str
    name: str
    level: str
    rows: list[DraftRow] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """A plan. Without a focal point it gets the usual one."""

    categories: Sequence[Category]
    sections: list[DraftSection]
    stage: Side = Side.TOP
    focal_point: tuple[float, float] | None = None

    def seats(self) -> Iterator[DraftSeat]:
        for section in self.sections:
            for row in section.rows:
                yield from row.seats
