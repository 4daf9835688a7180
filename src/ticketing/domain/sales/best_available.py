"""Best available: the seats that a party gets when it leaves the choice to us.

In this order: side by side without leaving an orphan; side by side; in one section; anywhere. A
party that is split gets the fewest pieces, then the fewest pieces of one seat, then the rows
nearest to each other. Among equals, a wheelchair user's companion seats first, then the seats
nearest to the focal point, then the first ones.

The result is exact and depends on nothing but the arguments.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from itertools import accumulate, chain, zip_longest
from math import inf
from operator import itemgetter, sub

from ticketing.domain.errors import refuse_faults
from ticketing.domain.programme.seat_plan import SeatNumber
from ticketing.domain.programme.seat_plans.model import Seat, SeatPlan, Section
from ticketing.domain.sales.accessible_seats import kept_seats
from ticketing.domain.sales.errors import NoSeats
from ticketing.domain.sales.orphans import orphan_seats
from ticketing.domain.sales.selling import MAX_SEATS_PER_BOOKING

# What a seat is to this request; free but not asked for are those of other sections, for example.
_TAKEN, _FREE, _ORDINARY, _SPACE, _COMPANION = b".-owc"
_RUN = re.compile(rb"[owc]+")
_SPACES = re.compile(b"w")
_SPACE_OR_COMPANION = re.compile(rb"[wc]")

_PIECE, _SINGLE = 16, 1
"""A choice weighs this for each piece, and for each piece of one: fewest pieces come first."""

_COMPANION_BONUS = 10**12
"""More than any sum of distances."""

_State = tuple[int, int]
"""The number of seats, and of wheelchair spaces among them."""

_Choice = tuple[int, int, tuple[int, ...]]
"""The weight, the cost (the sum of distances), and the seat numbers: the smaller, the better."""

_Rows = Sequence[Sequence[range]]
"""The runs of seats that the party may get, row by row."""


def _weight(count: int) -> int:
    return _PIECE + (_SINGLE if count == 1 else 0)


@lru_cache(maxsize=MAX_SEATS_PER_BOOKING)
def _weights_of_length(length: int) -> Sequence[tuple[_State, int]]:
    """Return what a run of ordinary seats can give to a choice."""
    return [((count, 0), _weight(count)) for count in range(1, length + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BestAvailable:
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
            wheelchair_spaces=None if 0 <= self.wheelchair_spaces <= self.count else spaces,
            section=None if self.section in {None, *sections} else "There is no such section.",
            category=None if self.category in {None, *categories} else "There is no such category.",
        )

    def selects(self, seat: Seat) -> bool:
        return self.section in (None, seat.section) and self.category in (None, seat.category)


def best_available(
    plan: SeatPlan,
    party: BestAvailable,
    free: Set[SeatNumber],
    held: Set[SeatNumber] = frozenset(),
) -> list[SeatNumber]:
    """Return the seats for the party, ascending, of those that are ``free``.

    ``held`` are those that may become free again. Wheelchair spaces are given only to parties that
    ask for them, exactly as many, and companion seats only side by side with a space of theirs;
    to others when they are released. Raises InvalidFields, and NoSeats.
    """
    party.check(plan)
    room = _Room(plan, party, free, held)
    numbers = room.side_by_side()
    if numbers is None and not party.together:
        numbers = room.in_one_section() or room.anywhere()
    if numbers is None:
        runs = [len(run) for run in room.runs()]
        raise NoSeats(
            available=sum(runs),
            held=sum(party.selects(plan.seat(number)) for number in held),
            largest_block=max(runs, default=0),
        )
    return [SeatNumber(number) for number in numbers]


class _Room:
    """The seats of a show as one party sees them, and the ways to choose from them."""

    def __init__(
        self, plan: SeatPlan, party: BestAvailable, free: Set[SeatNumber], held: Set[SeatNumber]
    ) -> None:
        self._plan = plan
        self._count, self._space_count = party.count, party.wheelchair_spaces
        self._tables: dict[range, dict[_State, _Choice]] = {}
        marks = bytearray([_TAKEN]) * (plan.total_seats + 1)
        for number in free:
            marks[number] = _ORDINARY
        if party.section is not None or party.category is not None:
            for seat in plan.seats():
                if not party.selects(seat):
                    marks[seat.number] = _FREE if seat.number in free else _TAKEN
        self._free, self._kept = free, kept_seats(plan, free, held)
        for seat in plan.accessible_seats:
            if marks[seat.number] == _ORDINARY and self._space_count and not seat.companion_of:
                marks[seat.number] = _SPACE
            elif seat.number in self._kept:
                is_asked_for = marks[seat.number] == _ORDINARY and self._space_count
                marks[seat.number] = _COMPANION if is_asked_for else _TAKEN
        self._marks = bytes(marks)

    def runs(self) -> Iterator[range]:
        """Yield the longest pieces of neighbours that the party may get seats of."""
        return self._runs(self._plan.blocks)

    def side_by_side(self) -> Sequence[int] | None:
        """Return the nearest neighbours, those that leave no orphan first."""
        find = self._spaces_side_by_side if self._space_count else self._seats_side_by_side
        start = min(find(), default=(False, 0, 0))[-1]
        return range(start, start + self._count) if start else None

    def _seats_side_by_side(self) -> Iterator[tuple[bool, int, int]]:
        """Yield the best of each run of seats: whether it leaves an orphan, distance, start."""
        count = self._count
        long_free_run = re.compile(rb"[-o]{%d,}" % count)
        long_run = re.compile(rb"o{%d,}" % count)
        for block in self._plan.blocks:
            for free in long_free_run.finditer(self._marks, block.start, block.stop):
                for run in long_run.finditer(self._marks, *free.span()):
                    first = run.start()
                    costs: list[float] = [*self._distances(range(*run.span()), count)]
                    yield True, int(nearest := min(costs)), first + costs.index(nearest)
                    for start in (free.start() + 1, free.end() - count - 1):
                        if 0 <= start - first < len(costs):
                            costs[start - first] = inf
                    if (nearest := min(costs)) < inf:
                        yield False, int(nearest), first + costs.index(nearest)

    def _spaces_side_by_side(self) -> Iterator[tuple[bool, int, int]]:
        """Yield all choices of neighbours with the wheelchair spaces asked for."""
        count = self._count
        ordinary = self._free - self._kept
        for space in _SPACES.finditer(self._marks):
            block = self._plan.block_of(space.start())
            first = max(block.start, space.end() - count)
            for start in range(first, min(space.start(), block.stop - count) + 1):
                seats = range(start, start + count)
                if self._spaces_in(seats) == self._space_count:
                    orphans = orphan_seats(self._plan, ordinary, {*seats})
                    yield bool(orphans), self._cost(seats), start

    def in_one_section(self) -> Sequence[int] | None:
        """Return the best choice of pieces in one section."""
        return self._split([self._rows(section) for section in self._plan.sections])

    def anywhere(self) -> Sequence[int] | None:
        """Return the best choice of pieces; rows of different sections compare by their order."""
        sections = [self._rows(section) for section in self._plan.sections]
        rows = zip_longest(*sections, fillvalue=())
        return self._split([[[*chain.from_iterable(runs)] for runs in rows]])

    def _rows(self, section: Section) -> _Rows:
        return [[*self._runs(row.blocks)] for row in section.rows]

    def _runs(self, blocks: Iterable[range]) -> Iterator[range]:
        for block in blocks:
            for run in _RUN.finditer(self._marks, block.start, block.stop):
                yield range(*run.span())

    def _split(self, areas: Sequence[_Rows]) -> Sequence[int] | None:
        """Return the best choice of pieces from one of the areas."""
        found = [(*scanned, rows) for rows in areas if (scanned := self._scan(rows))]
        if not found:
            return None
        best_key = min(key for key, _, _ in found)
        windows = (
            [*chain.from_iterable(rows[end - best_key[1] : end + 1])]
            for key, ends, rows in found
            if key == best_key
            for end in ends
        )
        best: _Choice | None = None
        for least, window in sorted(((self._least(w), w) for w in windows), key=itemgetter(0)):
            if best and least > best[1]:
                break
            choice = self._choose(window)
            best = min(best or choice, choice)
        return best and best[2]

    def _least(self, window: Sequence[range]) -> int:
        """Return a cost that no choice from the window is below."""
        if self._space_count:
            return -self._count * _COMPANION_BONUS
        distances = self._plan.distances
        seats = chain.from_iterable(distances[run.start - 1 : run.stop - 1] for run in window)
        return sum(sorted(seats)[: self._count])

    def _scan(self, rows: _Rows) -> tuple[tuple[int, int], list[int]] | None:
        """Return the least weight, the least span of rows with it, and the rows where such end.

        A choice's part in the first rows weighs the least of all parts of as many seats and spaces,
        so for each state only the least weight counts, and the last row to begin in.
        """
        pieces = self._fewest_pieces(rows)
        best: tuple[int, int] | None = None
        ends: list[int] = []
        goal = self._count, self._space_count
        reached: dict[_State, tuple[int, int]] = {}
        for depth, runs in enumerate(rows):
            for weights in self._weights(runs, pieces):
                states = [((0, 0), (0, -depth)), *reached.items()]
                for (seats, spaces), (weight, begin) in states:
                    for (more_seats, more_spaces), more_weight in weights:
                        state = seats + more_seats, spaces + more_spaces
                        if state[0] > goal[0] or state[1] > goal[1]:
                            continue
                        value = weight + more_weight, begin
                        if state != goal:
                            if state not in reached or value < reached[state]:
                                reached[state] = value
                        elif best is None or (value[0], depth + begin) <= best:
                            if best != (best := (value[0], depth + begin)):
                                ends.clear()
                            if ends[-1:] != [depth]:
                                ends.append(depth)
        return (best, ends) if best else None

    def _fewest_pieces(self, rows: _Rows) -> int:
        """Return how many runs have enough seats, at least; 0 if all together have too few."""
        if self._space_count:
            return self._count  # wheelchair spaces may need more
        lengths = sorted((len(run) for runs in rows for run in runs), reverse=True)
        totals = enumerate(accumulate(lengths[: self._count]), start=1)
        return next((pieces for pieces, total in totals if total >= self._count), 0)

    def _weights(
        self, runs: Sequence[range], pieces: int
    ) -> Iterator[Sequence[tuple[_State, int]]]:
        """Yield what each run can give to a choice of so many ``pieces``, and its weight.

        Of runs without wheelchair spaces the longest are enough: they can give what others can.
        """
        ordinary = []
        for run in runs:
            if self._has_spaces(run):
                yield [(state, choice[0]) for state, choice in self._table(run).items()]
            else:
                ordinary.append(len(run))
        for length in sorted(ordinary, reverse=True)[:pieces]:
            yield _weights_of_length(min(length, self._count))

    def _choose(self, window: Sequence[range]) -> _Choice:
        """Return the best choice from a window of rows that has one."""
        tables = [self._table(run) for run in window]
        by_state = defaultdict(list)
        for index, table in enumerate(tables):
            for state, choice in table.items():
                by_state[state].append((choice, index))
        # A choice has at most as many pieces as seats: of each kind, one of so many best is unused.
        useful = {
            index for choices in by_state.values() for _, index in nsmallest(self._count, choices)
        }
        reached: dict[_State, _Choice] = {(0, 0): (0, 0, ())}
        for index in useful:
            before = dict(reached)
            for state, choice in tables[index].items():
                self._extend(reached, before, state, choice)
        return reached[self._count, self._space_count]

    def _extend(
        self,
        best: dict[_State, _Choice],
        choices: dict[_State, _Choice],
        more: _State,
        addition: _Choice,
    ) -> None:
        """Improve ``best`` by each of the ``choices`` together with the addition."""
        more_weight, more_cost, more_numbers = addition
        for (seats, spaces), (weight, cost, numbers) in choices.items():
            state = seats + more[0], spaces + more[1]
            if state[0] <= self._count and state[1] <= self._space_count:
                merged = tuple(sorted(numbers + more_numbers))
                choice = weight + more_weight, cost + more_cost, merged
                if state not in best or choice < best[state]:
                    best[state] = choice

    def _table(self, run: range) -> dict[_State, _Choice]:
        """Return the best choices from a run: of one piece, or of several beside spaces."""
        if run not in self._tables:
            make = self._table_with_spaces if self._has_spaces(run) else self._ordinary_table
            self._tables[run] = make(run)
        return self._tables[run]

    def _ordinary_table(self, run: range) -> dict[_State, _Choice]:
        table = {}
        for count in range(1, min(len(run), self._count) + 1):
            costs = self._distances(run, count)
            start = run.start + costs.index(min(costs))
            table[count, 0] = _weight(count), min(costs), tuple(range(start, start + count))
        return table

    def _table_with_spaces(self, run: range) -> dict[_State, _Choice]:
        """Return the best choices of pieces, found from the first seat to the last."""
        until: list[dict[_State, _Choice]] = [{(0, 0): (0, 0, ())} for _ in range(len(run) + 1)]
        for first in range(len(run)):
            self._extend(until[first + 1], until[first], (0, 0), (0, 0, ()))  # not this seat
            for end in range(first + 1, min(first + self._count, len(run)) + 1):
                piece = run[first:end]
                spaces = self._spaces_in(piece)
                if spaces is not None:
                    choice = _weight(len(piece)), self._cost(piece), tuple(piece)
                    self._extend(until[end], until[first], (len(piece), spaces), choice)
        return until[-1]

    def _has_spaces(self, run: range) -> bool:
        beside = _SPACE_OR_COMPANION.search(self._marks, run.start, run.stop)
        return bool(self._space_count and beside)

    def _spaces_in(self, seats: range) -> int | None:
        """Return the number of wheelchair spaces in a piece; None if it may not be taken."""
        marks = self._marks[seats.start : seats.stop]
        companions = [seat for seat, mark in zip(seats, marks, strict=True) if mark == _COMPANION]
        is_offered = not marks.translate(None, b"owc") and all(
            any(space in seats for space in self._plan.seat(seat).companion_of)
            for seat in companions
        )
        return marks.count(b"w") if is_offered else None

    def _cost(self, piece: range) -> int:
        """Return the sum of distances; a companion seat outweighs them all."""
        companions = self._marks.count(_COMPANION, piece.start, piece.stop)
        return self._distances(piece, len(piece))[0] - companions * _COMPANION_BONUS

    def _distances(self, run: range, count: int) -> list[int]:
        """Return the sum of the distances of each ``count`` neighbours in a run."""
        sums = self._plan.distance_sums
        return [
            *map(
                sub, sums[run.start + count - 1 : run.stop], sums[run.start - 1 : run.stop - count]
            )
        ]
