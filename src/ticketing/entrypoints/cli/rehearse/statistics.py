"""Counts of answers by kind, and how long they took."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from time import perf_counter

BUCKETS_MS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, float("inf"))


class Statistics:
    """Not safe to share between threads: each has its own, merged in the end."""

    def __init__(self) -> None:
        self.refusals: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.limited: Counter[str] = Counter()
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.sold_at: list[float] = []

    @classmethod
    def merged(cls, parts: Iterable["Statistics"]) -> "Statistics":
        whole = cls()
        for part in parts:
            whole.refusals += part.refusals
            whole.errors += part.errors
            whole.limited += part.limited
            whole.sold_at += part.sold_at
            for kind, seconds in part.seconds.items():
                whole.seconds[kind] += seconds
        return whole

    @property
    def requests(self) -> int:
        """Number of answered requests."""
        return sum(map(len, self.seconds.values()))

    @property
    def selling_seconds(self) -> float:
        """Time from the first to the last confirmed booking."""
        return max(self.sold_at) - min(self.sold_at) if self.sold_at else 0.0

    def add_answer(self, kind: str, status: int, code: str, seconds: float) -> None:
        """Count 201 as a sale, 409 as a refusal, 429 as limited and other 4xx and 5xx as errors."""
        self.seconds[kind].append(seconds)
        if status == 201:
            self.sold_at.append(perf_counter())
        elif status == 409:
            self.refusals[code] += 1
        elif status == 429:
            self.limited[kind] += 1
        elif status >= 400:
            self.errors[f"{status} {code}".rstrip()] += 1

    def add_lost(self, kind: str) -> None:
        self.errors[f"no answer to {kind}"] += 1


def percentile(seconds: list[float], percent: int) -> float:
    """Return the percentile in milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def histogram(seconds: list[float]) -> list[tuple[float, float, int]]:
    """Return (from, to, count) of each bucket in milliseconds, without empty ones at the ends."""
    counts = [
        (low, high, sum(low <= 1000 * each < high for each in seconds))
        for low, high in pairwise(BUCKETS_MS)
    ]
    filled = [place for place, (_, _, count) in enumerate(counts) if count]
    return counts[filled[0] : filled[-1] + 1] if filled else []
