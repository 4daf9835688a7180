"""The report of a rehearsal, for a terminal of 80 columns."""

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from textwrap import shorten

from ticketing.domain.programme.show import Show
from ticketing.domain.rehearsal.consistency import (
    Cancellation,
    ConsistencyReport,
    Purchase,
    StoredSales,
)
from ticketing.entrypoints.cli.rehearse.http_client import TOO_MANY_REQUESTS, Measurement
from ticketing.entrypoints.cli.seat_map import draw_seat_map

_COLUMNS = 80
_BAR_COLUMNS = 40
_NUMBERS_COLUMNS = 38
_BUCKETS_MS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, float("inf"))

_ABOUT_LIMITS = (
    "Rate limits were reached, since all customers use this machine's address.",
    "Set TICKETING_RATELIMIT=off, and lift the limits of proxies, to measure the",
    "box office itself.",
)

_INVARIANTS = {
    "sold_twice": "seats sold twice",
    "missing": "confirmed but missing",
    "unconfirmed": "sold but never confirmed",
    "still_active": "cancelled but still active",
    "booked_twice": "sent twice and booked twice",
    "wrong_booking": "seats and bookings differ",
    "wrong_on_map": "seat map and bookings differ",
    "held_twice": "held twice, or held and sold",
    "lost_holds": "confirmed holds are wrong",
    "wrong_hold": "seats and holds differ",
}


def report_lines(
    show: Show,
    purchases: Sequence[Purchase],
    held: StoredSales,
    verdict: ConsistencyReport,
    measurements: Sequence[Measurement],
    seconds: float,
) -> Iterator[str]:
    """Yield the whole report, which ends with the verdict."""
    yield from draw_seat_map(show.plan, held.sold, _COLUMNS)
    yield from ("", *_numbers(show, purchases, held, measurements, seconds))
    yield from ("", *_latencies(measurements))
    yield from _failures(measurements)
    yield from ("", *_judged(purchases, verdict))


def _numbers(
    show: Show,
    purchases: Sequence[Purchase],
    held: StoredSales,
    measurements: Sequence[Measurement],
    seconds: float,
) -> Iterator[str]:
    booked = sum(bool(purchase.confirmed) for purchase in purchases)
    cancelled = sum(purchase.cancellation is Cancellation.CONFIRMED for purchase in purchases)
    unknown = sum(
        purchase.unknown or purchase.cancellation is Cancellation.UNKNOWN for purchase in purchases
    )
    yield f"{'Seats':<22}{len(held.sold):>9,} sold of {show.plan.total_seats:,}"
    sold_at = [each.ended_at for each in measurements if each.status == 201] or [0]
    selling = max(sold_at) - min(sold_at) or seconds
    yield f"{'Bookings confirmed':<22}{booked:>9,} {booked / selling:>11,.0f} a second"
    yield f"{'  cancelled later':<22}{cancelled:>9,}"
    yield f"{'Holds confirmed':<22}{sum(bool(purchase.hold) for purchase in purchases):>9,}"
    yield f"{'Outcome unknown':<22}{unknown:>9,}"
    answered = sum(each.status > 0 for each in measurements)
    yield f"{'Requests':<22}{answered:>9,} {answered / seconds:>11,.0f} a second"
    yield f"{'Time':<22}{seconds:>9,.1f} seconds, {selling:,.1f} of them selling"


def _latencies(measurements: Sequence[Measurement]) -> Iterator[str]:
    times = defaultdict(list)
    for each in measurements:
        if each.status:
            times[each.kind].append(each.seconds)
    yield f"{'Milliseconds':<22}{'answers':>9}{'p50':>10}{'p95':>10}{'p99':>10}{'slowest':>10}"
    for kind, seconds in sorted(times.items()):
        columns = (f"{percentile(seconds, percent):>10,.1f}" for percent in (50, 95, 99, 100))
        yield f"  {kind:<20}{len(seconds):>9,}{''.join(columns)}"
    if bars := histogram(times["book"]):
        yield from ("", "How long booking took")
        most = max(count for _, _, count in bars)
        for low, high, count in bars:
            span = f"{low:,} to {high:,} ms" if high != float("inf") else f"over {low:,} ms"
            bar = "#" * -(-count * _BAR_COLUMNS // most)
            yield f"  {span:<20}{count:>9,}  {bar}".rstrip()


def percentile(seconds: list[float], percent: int) -> float:
    """Return the percentile in milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def histogram(seconds: list[float]) -> list[tuple[float, float, int]]:
    """Return (from, to, count) of each bucket in milliseconds, without empty ones at the ends."""
    counts = Counter(bisect(_BUCKETS_MS, 1000 * each) for each in seconds)
    filled = range(min(counts), max(counts) + 1) if counts else ()
    return [(_BUCKETS_MS[place - 1], _BUCKETS_MS[place], counts[place]) for place in filled]


def _failures(measurements: Sequence[Measurement]) -> Iterator[str]:
    refused, limited, errors = Counter[str](), Counter[str](), Counter[str]()
    for each in measurements:
        if each.status == 0:
            errors[f"no answer to {each.kind}"] += 1
        elif each.status == 409:
            refused[each.code] += 1
        elif each.status == TOO_MANY_REQUESTS:
            limited[each.kind] += 1
        elif each.status >= 400:
            errors[f"{each.status} {each.code}".rstrip()] += 1
    yield from ("", "Refused", *_counted(refused))
    yield from ("", "Errors", *_counted(errors))
    if limited:
        yield from ("", "Limited (429)", *_counted(limited), *_ABOUT_LIMITS)


def _counted(counts: Counter[str]) -> Iterator[str]:
    for name, count in counts.most_common() or [("none", 0)]:
        yield f"  {name:<29}{count:>9,}"


def _judged(purchases: Sequence[Purchase], verdict: ConsistencyReport) -> Iterator[str]:
    yield "Verdict"
    for name, title in _INVARIANTS.items():
        broken = getattr(verdict, name)
        named = shorten(" ".join(map(str, sorted(broken))), _NUMBERS_COLUMNS, placeholder=" ...")
        yield f"  {title:<29}{len(broken):>9,}  {named}".rstrip()
    if not verdict.is_consistent:
        yield "BROKEN: the numbers after the counts are those of the seats or bookings."
    elif not any(purchase.confirmed for purchase in purchases):
        yield "NOTHING WAS SOLD."
    else:
        yield "OK: the database agrees with every answer that customers got."
