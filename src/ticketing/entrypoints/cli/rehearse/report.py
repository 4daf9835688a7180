"""The report of a rehearsal, for a terminal of 80 columns."""

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import shorten

from ticketing.domain.programme.show import Show
from ticketing.domain.rehearsal.consistency import ConsistencyReport
from ticketing.domain.rehearsal.record import Cancellation, Purchase, StoredSales
from ticketing.entrypoints.cli.rehearse.statistics import Statistics, histogram, percentile
from ticketing.entrypoints.cli.seat_map_text import draw_seat_map

_COLUMNS = 80
_BAR_COLUMNS = 40
_NUMBERS_COLUMNS = 38

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
}


def report_lines(
    show: Show,
    purchases: Sequence[Purchase],
    held: StoredSales,
    verdict: ConsistencyReport,
    stats: Statistics,
    seconds: float,
) -> Iterator[str]:
    """Yield the whole report, which ends with the verdict."""
    yield from draw_seat_map(show.plan, held.sold, _COLUMNS)
    yield from ("", *_numbers(show, purchases, held, stats, seconds))
    yield from ("", *_latencies(stats))
    for title, counted in (("Refused", stats.refusals), ("Errors", stats.errors)):
        yield from ("", title, *_counted(counted))
    if stats.limited:
        yield from ("", "Limited (429)", *_counted(stats.limited), *_ABOUT_LIMITS)
    yield from ("", *_judged(purchases, verdict))


def _numbers(
    show: Show, purchases: Sequence[Purchase], held: StoredSales, stats: Statistics, seconds: float
) -> Iterator[str]:
    booked = sum(bool(purchase.confirmed) for purchase in purchases)
    cancelled = sum(purchase.cancellation is Cancellation.CONFIRMED for purchase in purchases)
    unknown = sum(
        purchase.unknown or purchase.cancellation is Cancellation.UNKNOWN for purchase in purchases
    )
    yield f"{'Seats':<22}{len(held.sold):>9,} sold of {show.plan.total_seats:,}"
    selling = stats.selling_seconds or seconds
    yield f"{'Bookings confirmed':<22}{booked:>9,} {_rate(booked, selling):>11} a second"
    yield f"{'  cancelled later':<22}{cancelled:>9,}"
    yield f"{'Outcome unknown':<22}{unknown:>9,}"
    yield f"{'Requests':<22}{stats.requests:>9,} {_rate(stats.requests, seconds):>11} a second"
    yield f"{'Time':<22}{seconds:>9,.1f} seconds, {selling:,.1f} of them selling"


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}"


def _latencies(stats: Statistics) -> Iterator[str]:
    yield f"{'Milliseconds':<22}{'answers':>9}{'p50':>10}{'p95':>10}{'p99':>10}{'slowest':>10}"
    for kind, seconds in sorted(stats.seconds.items()):
        columns = (f"{percentile(seconds, percent):>10,.1f}" for percent in (50, 95, 99, 100))
        yield f"  {kind:<20}{len(seconds):>9,}{''.join(columns)}"
    if bars := histogram(stats.seconds["book"]):
        yield from ("", "How long booking took")
        most = max(count for _, _, count in bars)
        for low, high, count in bars:
            span = f"{low:,} to {high:,} ms" if high != float("inf") else f"over {low:,} ms"
            bar = "#" * -(-count * _BAR_COLUMNS // most)
            yield f"  {span:<20}{count:>9,}  {bar}".rstrip()


def _counted(counted: Counter[str]) -> Iterator[str]:
    for name, count in counted.most_common():
        yield f"  {name:<29}{count:>9,}"
    if not counted:
        yield f"  {'none':<29}{0:>9,}"


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
