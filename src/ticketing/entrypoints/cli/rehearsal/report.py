"""What a rehearsal was like, for a terminal of 80 columns."""

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import shorten

from ticketing.domain.programme.show import Show
from ticketing.domain.rehearsal.consistency import ConsistencyReport
from ticketing.domain.rehearsal.record import Cancellation, Purchase, StoredSales
from ticketing.entrypoints.cli.rehearsal.tally import Tally, histogram, percentile
from ticketing.entrypoints.cli.room import drawing

_WIDTH = 80
_BAR = 40
_NAMES = 38  # characters for those of broken seats or bookings

_ABOUT_LIMITS = (
    "Limits on requests were met, which take this crowd for one machine that floods.",
    "Rehearse with TICKETING_RATELIMIT=off, and without those of a proxy, or this is",
    "what was measured.",
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


def lines(
    show: Show,
    told: Sequence[Purchase],
    held: StoredSales,
    verdict: ConsistencyReport,
    tally: Tally,
    seconds: float,
) -> Iterator[str]:
    """The whole report, the verdict at its end."""
    yield from drawing(show.plan, held.sold, _WIDTH)
    yield from ("", *_numbers(show, told, held, tally, seconds))
    yield from ("", *_latencies(tally))
    for title, counted in (("Refused", tally.refusals), ("Errors", tally.errors)):
        yield from ("", title, *_counted(counted))
    if tally.limited:
        yield from ("", "Put off (429)", *_counted(tally.limited), *_ABOUT_LIMITS)
    yield from ("", *_judged(told, verdict))


def _numbers(
    show: Show, told: Sequence[Purchase], held: StoredSales, tally: Tally, seconds: float
) -> Iterator[str]:
    booked = sum(bool(purchase.confirmed) for purchase in told)
    cancelled = sum(purchase.cancellation is Cancellation.CONFIRMED for purchase in told)
    unknown = sum(
        purchase.unknown or purchase.cancellation is Cancellation.UNKNOWN for purchase in told
    )
    yield f"{'Seats':<22}{len(held.sold):>9,} sold of {show.plan.total_seats:,}"
    selling = tally.selling or seconds
    yield f"{'Bookings confirmed':<22}{booked:>9,} {_rate(booked, selling):>11} a second"
    yield f"{'  and cancelled again':<22}{cancelled:>9,}"
    yield f"{'Outcome never told':<22}{unknown:>9,}"
    yield f"{'Requests':<22}{tally.requests:>9,} {_rate(tally.requests, seconds):>11} a second"
    yield f"{'Time':<22}{seconds:>9,.1f} seconds, {selling:,.1f} of them selling"


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}"


def _latencies(tally: Tally) -> Iterator[str]:
    yield f"{'Milliseconds':<22}{'answers':>9}{'p50':>10}{'p95':>10}{'p99':>10}{'slowest':>10}"
    for kind, seconds in sorted(tally.seconds.items()):
        told = (f"{percentile(seconds, percent):>10,.1f}" for percent in (50, 95, 99, 100))
        yield f"  {kind:<20}{len(seconds):>9,}{''.join(told)}"
    if bars := histogram(tally.seconds["book"]):
        yield from ("", "How long booking took")
        most = max(count for _, _, count in bars)
        for low, high, count in bars:
            span = f"{low:,} to {high:,} ms" if high != float("inf") else f"over {low:,} ms"
            bar = "#" * -(-count * _BAR // most)
            yield f"  {span:<20}{count:>9,}  {bar}".rstrip()


def _counted(counted: Counter[str]) -> Iterator[str]:
    for name, count in counted.most_common():
        yield f"  {name:<29}{count:>9,}"
    if not counted:
        yield f"  {'none':<29}{0:>9,}"


def _judged(told: Sequence[Purchase], verdict: ConsistencyReport) -> Iterator[str]:
    yield "ConsistencyReport"
    for name, title in _INVARIANTS.items():
        broken = getattr(verdict, name)
        named = shorten(" ".join(map(str, sorted(broken))), _NAMES, placeholder=" ...")
        yield f"  {title:<29}{len(broken):>9,}  {named}".rstrip()
    if not verdict.is_consistent:
        yield "BROKEN: the numbers beside the counts are those of the seats or bookings."
    elif not any(purchase.confirmed for purchase in told):
        yield "NOTHING WAS SOLD."
    else:
        yield "All is well: what customers were told is what the database holds."
