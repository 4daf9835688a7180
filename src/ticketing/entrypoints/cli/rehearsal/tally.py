"""How many answers of which sort, and how long they took."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from time import perf_counter

_EDGES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, float("inf"))  # ms


class Tally:
    """Filled by one thread; those of several are merged when all is done."""

    def __init__(self) -> None:
        self.refusals: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.limited: Counter[str] = Counter()
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.sold_at: list[float] = []

    @classmethod
    def merged(cls, tallies: Iterable["Tally"]) -> "Tally":
        whole = cls()
        for tally in tallies:
            whole.refusals += tally.refusals
            whole.errors += tally.errors
            whole.limited += tally.limited
            whole.sold_at += tally.sold_at
            for kind, seconds in tally.seconds.items():
                whole.seconds[kind] += seconds
        return whole

    @property
    def requests(self) -> int:
        """Those that were answered."""
        return sum(map(len, self.seconds.values()))

    @property
    def selling(self) -> float:
        """Seconds from the first confirmed booking to the last one."""
        return max(self.sold_at) - min(self.sold_at) if self.sold_at else 0.0

    def answered(self, kind: str, status: int, code: str, seconds: float) -> None:
        """409 is what the box office refuses, 429 what it or a proxy puts off.

        503 is what it asks to repeat, and more is an error.
        """
        self.seconds[kind].append(seconds)
        if status == 201:
            self.sold_at.append(perf_counter())
        elif status == 409:
            self.refusals[code] += 1
        elif status == 429:
            self.limited[kind] += 1
        elif status >= 400:
            self.errors[f"{status} {code}".rstrip()] += 1

    def lost(self, kind: str) -> None:
        self.errors[f"no answer to {kind}"] += 1


def percentile(seconds: list[float], percent: int) -> float:
    """The time, in milliseconds, that so many of a hundred were not slower than."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def histogram(seconds: list[float]) -> list[tuple[float, float, int]]:
    """From, to (in milliseconds; exclusive) and how many, from the fastest to the slowest."""
    counts = [
        (low, high, sum(low <= 1000 * each < high for each in seconds))
        for low, high in pairwise(_EDGES)
    ]
    filled = [place for place, (_, _, count) in enumerate(counts) if count]
    return counts[filled[0] : filled[-1] + 1] if filled else []
