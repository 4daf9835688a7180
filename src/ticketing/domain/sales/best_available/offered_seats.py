"""What a party asks for, and the seats of a show that may be given to it."""

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import chain

from ticketing.domain.errors import refuse_faults
from ticketing.domain.programme.seat_plans.model import Seat, SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.sales.accessible_seats import kept_seats
from ticketing.domain.sales.selling import MAX_SEATS_PER_BOOKING

# Free seats that were not asked for are those of other sections, for example.
_TAKEN, _NOT_ASKED_FOR, _ORDINARY, _SPACE, _COMPANION = b".-owc"
_RUN = re.compile(rb"[owc]+")
_SPACES = re.compile(b"w")
_COMPANION_SEAT = re.compile(b"c")
_SPACE_OR_COMPANION = re.compile(rb"[wc]")

_COMPANION_BONUS = 10**12
"""More than any sum of distances."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party: ``count`` seats, ``wheelchair_spaces`` of them, ``together`` or not at all.

    ``section`` and ``category`` restrict the choice.
    """

    count: int
    wheelchair_spaces: int = 0
    section: str | None = None
    category: str | None = None
    together: bool = False

    def check(self, plan: SeatPlan) -> None:
        """Raise InvalidFields for all invalid fields."""
        most = MAX_SEATS_PER_BOOKING
        spaces = f"A whole number from 0 to {self.count}."
        sections = {section.name for section in plan.sections}
        categories = {category.name for category in plan.categories}
        refuse_faults(
            count=None if 1 <= self.count <= most else f"A whole number from 1 to {most}.",
            wheelchair_spaces=None if 0 <= self.wheelchair_spaces <= max(self.count, 0) else spaces,
            section=None if self.section in {None, *sections} else "There is no such section.",
            category=None if self.category in {None, *categories} else "There is no such category.",
        )

    def selects(self, seat: Seat) -> bool:
        return self.section in (None, seat.section) and self.category in (None, seat.category)


class OfferedSeats:
    """The seats of a show as one party sees them.

    A run is the longest range of neighbours that may be given to the party. A piece is a part of a
    run: what the party gets of it.
    """

    def __init__(
        self, plan: SeatPlan, party: Party, free: Set[SeatNumber], held: Set[SeatNumber]
    ) -> None:
        self.plan = plan
        self.count, self.space_count = party.count, party.wheelchair_spaces
        kept = kept_seats(plan, free, held)
        marks = bytearray([_TAKEN]) * (plan.total_seats + 1)
        for number in free:
            marks[number] = _ORDINARY
        if party.section is not None or party.category is not None:
            for seat in plan.seats():
                if not party.selects(seat):
                    marks[seat.number] = _NOT_ASKED_FOR if seat.number in free else _TAKEN
        for seat in plan.accessible_seats:
            is_offered = marks[seat.number] == _ORDINARY
            if is_offered and self.space_count and not seat.companion_of:
                marks[seat.number] = _SPACE
            elif seat.number in kept:
                is_companion = is_offered and self.space_count
                marks[seat.number] = _COMPANION if is_companion else _TAKEN
        self._marks = bytes(marks)
        self._long_free_run = re.compile(rb"[-o]{%d,}" % self.count)
        self._long_run = re.compile(rb"o{%d,}" % self.count)
        self._free, self._kept = free, kept

    def runs(self, blocks: Iterable[range]) -> Iterator[range]:
        for block in blocks:
            for run in _RUN.finditer(self._marks, block.start, block.stop):
                yield range(*run.span())

    def long_runs(self, block: range) -> Iterator[tuple[range, range]]:
        """Yield the runs of ordinary seats in a block that are long enough for the party.

        With each comes the range of free neighbours that it is a part of.
        """
        for free in self._long_free_run.finditer(self._marks, block.start, block.stop):
            for run in self._long_run.finditer(self._marks, *free.span()):
                yield range(*run.span()), range(*free.span())

    def pieces_with_spaces(self) -> Iterator[range]:
        """Yield all pieces for the whole party, with the wheelchair spaces asked for."""
        for space in _SPACES.finditer(self._marks):
            block = self.plan.block_of(space.start())
            first = max(block.start, space.end() - self.count)
            for start in range(first, min(space.start(), block.stop - self.count) + 1):
                piece = range(start, start + self.count)
                if self.spaces_in(piece) == self.space_count:
                    yield piece

    def ordinary_free_seats(self) -> Set[SeatNumber]:
        """Return all free seats but those that are kept for wheelchair users."""
        return self._free - self._kept

    def has_spaces(self, run: range) -> bool:
        """Return whether there are wheelchair spaces or companion seats in a run."""
        if not self.space_count:
            return False
        return _SPACE_OR_COMPANION.search(self._marks, run.start, run.stop) is not None

    def pattern(self, run: range) -> Hashable:
        """Return what the seats of a run are to the party, and how far companions' spaces are."""
        companions = _COMPANION_SEAT.finditer(self._marks, run.start, run.stop)
        seats = [self.plan.seat(found.start()) for found in companions]
        away = tuple(tuple(space - seat.number for space in seat.companion_of) for seat in seats)
        return self._marks[run.start : run.stop], away

    def spaces_in(self, piece: range) -> int | None:
        """Return the number of wheelchair spaces in a piece; None if it may not be given."""
        marks = self._marks[piece.start : piece.stop]
        companions = [seat for seat, mark in zip(piece, marks, strict=True) if mark == _COMPANION]
        is_offered = not marks.translate(None, b"owc") and all(
            any(space in piece for space in self.plan.seat(seat).companion_of)
            for seat in companions
        )
        return marks.count(_SPACE) if is_offered else None

    def cost(self, piece: range) -> int:
        """Return the sum of the seats' distances; a companion seat outweighs them all."""
        companions = self._marks.count(_COMPANION, piece.start, piece.stop)
        return self.distances(piece, len(piece))[0] - companions * _COMPANION_BONUS

    def least_cost(self, runs: Sequence[range]) -> int:
        """Return a cost that no choice from these runs is below."""
        distances = self.plan.distances
        seats = chain.from_iterable(distances[run.start - 1 : run.stop - 1] for run in runs)
        companions = sum(self._marks.count(_COMPANION, run.start, run.stop) for run in runs)
        most = min(companions, self.count - self.space_count)
        return sum(sorted(seats)[: self.count]) - most * _COMPANION_BONUS

    def distances(self, run: range, count: int) -> list[int]:
        """Return the sum of the distances of each ``count`` neighbours in a run."""
        return self.plan.sums_of_neighbours(run, count)
