"""The best way to split a party that fits nowhere side by side.

A choice is made of pieces. The fewest pieces are best, then the fewest pieces of one seat, then the
rows nearest to each other, then the least cost, then the first seats. Only the rows do not simply
add up. So one scan finds the least weight of pieces and the least span of rows, and then only the
windows of rows with both are searched for the least cost.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from heapq import nsmallest
from itertools import accumulate, chain, zip_longest
from operator import itemgetter

from ticketing.domain.programme.seat_plans.model import Section
from ticketing.domain.sales.best_available.offered_seats import OfferedSeats
from ticketing.domain.sales.selling import MAX_SEATS_PER_BOOKING

_PIECE, _SINGLE = 16, 1
"""The weight of a piece, and what a piece of one seat weighs more."""

_State = tuple[int, int]
"""The number of seats, and of wheelchair spaces among them."""

_Choice = tuple[int, int, tuple[int, ...]]
"""The weight, the cost, and the seat numbers: the smaller, the better."""

_Weights = Sequence[tuple[_State, int]]
"""What a run can give to a choice, and the weight of that."""

_Rows = Sequence[Sequence[range]]
"""Runs, row by row."""


def _weight(count: int) -> int:
    return _PIECE + (_SINGLE if count == 1 else 0)


@lru_cache(maxsize=MAX_SEATS_PER_BOOKING)
def _weights_of_length(length: int) -> _Weights:
    """Return what so many ordinary seats can give."""
    return [((count, 0), _weight(count)) for count in range(1, length + 1)]


class PartySplitter:
    """Finds the best choice of pieces of the seats that a party is offered."""

    def __init__(self, offered: OfferedSeats) -> None:
        self._offered = offered
        self._goal = offered.count, offered.space_count
        self._tables: dict[range, dict[_State, _Choice]] = {}
        self._weights_by_pattern: dict[Hashable, _Weights] = {}

    def in_one_section(self) -> Sequence[int] | None:
        """Return the best choice of pieces in one section."""
        return self._split([self._rows(section) for section in self._offered.plan.sections])

    def anywhere(self) -> Sequence[int] | None:
        """Return the best choice of pieces; rows of different sections compare by their order."""
        sections = [self._rows(section) for section in self._offered.plan.sections]
        rows = zip_longest(*sections, fillvalue=())
        return self._split([[[*chain.from_iterable(runs)] for runs in rows]])

    def _rows(self, section: Section) -> _Rows:
        return [[*self._offered.runs(row.blocks)] for row in section.rows]

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
        bounded = ((self._offered.least_cost(window), window) for window in windows)
        best: _Choice | None = None
        for least, window in sorted(bounded, key=itemgetter(0)):
            if best and least > best[1]:
                break
            choice = self._choose(window)
            best = min(best or choice, choice)
        return best and best[2]

    def _scan(self, rows: _Rows) -> tuple[tuple[int, int], list[int]] | None:
        """Return the least weight, the least span of rows with it, and the rows where such end.

        A choice's part in the first rows weighs the least of all parts of as many seats and spaces,
        so for each state only the least weight counts, and the last row to begin in (negated).
        """
        best: tuple[int, int] | None = None
        ends: list[int] = []
        reached: dict[_State, tuple[int, int]] = {}
        pieces = self._fewest_pieces(rows)
        for depth, weights in self._weights(rows, pieces):
            states = [((0, 0), (0, -depth)), *reached.items()]
            for state, value in self._additions(states, weights, pieces):
                if state != self._goal:
                    if state not in reached or value < reached[state]:
                        reached[state] = value
                    continue
                key = value[0], depth + value[1]
                if best is None or key < best:
                    best, ends = key, [depth]
                elif key == best and ends[-1] != depth:
                    ends.append(depth)
        return (best, ends) if best else None

    def _additions(
        self,
        states: Sequence[tuple[_State, tuple[int, int]]],
        weights: _Weights,
        pieces: int,
    ) -> Iterator[tuple[_State, tuple[int, int]]]:
        """Yield the states that follow by what a run gives, with their weight and first row.

        Without wheelchair spaces, the last of the fewest pieces has all seats that are missing.
        """
        for (seats, spaces), (weight, first) in states:
            useful = weights
            if not self._offered.space_count and weight // _PIECE == pieces - 1:
                missing = self._goal[0] - seats
                useful = weights[missing - 1 : missing]
            for (more_seats, more_spaces), more_weight in useful:
                state = seats + more_seats, spaces + more_spaces
                if state[0] <= self._goal[0] and state[1] <= self._goal[1]:
                    yield state, (weight + more_weight, first)

    def _fewest_pieces(self, rows: _Rows) -> int:
        """Return how many runs have enough seats, at least; 0 if all together have too few."""
        if self._offered.space_count:
            return self._offered.count  # wheelchair spaces may need more
        lengths = sorted((len(run) for runs in rows for run in runs), reverse=True)
        totals = enumerate(accumulate(lengths[: self._offered.count]), start=1)
        return next((pieces for pieces, total in totals if total >= self._offered.count), 0)

    def _weights(self, rows: _Rows, pieces: int) -> Iterator[tuple[int, _Weights]]:
        """Yield the row of each run, and the run's weights.

        Of a row's runs without wheelchair spaces the longest give all that the others can give.
        """
        for depth, runs in enumerate(rows):
            ordinary = []
            for run in runs:
                if self._offered.has_spaces(run):
                    yield depth, self._weights_with_spaces(run)
                else:
                    ordinary.append(len(run))
            for length in sorted(ordinary, reverse=True)[:pieces]:
                yield depth, _weights_of_length(min(length, self._offered.count))

    def _weights_with_spaces(self, run: range) -> _Weights:
        """Return the weights of a run, which depend on its pattern only; most rows look alike."""
        pattern = self._offered.pattern(run)
        if pattern not in self._weights_by_pattern:
            choices = self._table(run).items()
            self._weights_by_pattern[pattern] = [(state, choice[0]) for state, choice in choices]
        return self._weights_by_pattern[pattern]

    def _choose(self, window: Sequence[range]) -> _Choice:
        """Return the best choice from a window of rows that has one."""
        tables = [self._table(run) for run in window]
        by_state = defaultdict(list)
        for index, table in enumerate(tables):
            for state, choice in table.items():
                by_state[state].append((choice, index))
        # A choice has at most as many pieces as seats: of each kind, one of so many best is unused.
        useful = {
            index
            for choices in by_state.values()
            for _, index in nsmallest(self._offered.count, choices)
        }
        reached: dict[_State, _Choice] = {(0, 0): (0, 0, ())}
        for index in useful:
            before = dict(reached)
            for state, choice in tables[index].items():
                self._extend(reached, before, state, choice)
        return reached[self._goal]

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
            if state[0] <= self._goal[0] and state[1] <= self._goal[1]:
                merged = tuple(sorted(numbers + more_numbers))
                choice = weight + more_weight, cost + more_cost, merged
                if state not in best or choice < best[state]:
                    best[state] = choice

    def _table(self, run: range) -> dict[_State, _Choice]:
        """Return the best choices from a run: of one piece, or of several beside spaces."""
        if run not in self._tables:
            has_spaces = self._offered.has_spaces(run)
            make = self._table_with_spaces if has_spaces else self._ordinary_table
            self._tables[run] = make(run)
        return self._tables[run]

    def _ordinary_table(self, run: range) -> dict[_State, _Choice]:
        table = {}
        for count in range(1, min(len(run), self._offered.count) + 1):
            costs = self._offered.distances(run, count)
            start = run.start + costs.index(min(costs))
            table[count, 0] = _weight(count), min(costs), tuple(range(start, start + count))
        return table

    def _table_with_spaces(self, run: range) -> dict[_State, _Choice]:
        """Return the best choices of pieces, found from the first seat to the last."""
        until: list[dict[_State, _Choice]] = [{(0, 0): (0, 0, ())} for _ in range(len(run) + 1)]
        for first in range(len(run)):
            self._extend(until[first + 1], until[first], (0, 0), (0, 0, ()))  # not this seat
            for end in range(first + 1, min(first + self._offered.count, len(run)) + 1):
                piece = run[first:end]
                spaces = self._offered.spaces_in(piece)
                if spaces is not None:
                    choice = _weight(len(piece)), self._offered.cost(piece), tuple(piece)
                    self._extend(until[end], until[first], (len(piece), spaces), choice)
        return until[-1]
