"""The report and the progress of a rehearsal."""

from dataclasses import replace

import pytest

from tests.builders import NOW, a_booking, a_show
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.rehearsal.consistency import (
    Cancellation,
    Confirmation,
    Purchase,
    StoredSales,
    check_consistency,
)
from ticketing.domain.sales.booking import BookingId
from ticketing.entrypoints.cli.rehearse.command import Progress
from ticketing.entrypoints.cli.rehearse.http_client import Measurement
from ticketing.entrypoints.cli.rehearse.report import histogram, percentile, report_lines

SHOW = a_show(id=ShowId(5), plan=plain_grid(400, 40))
BOUGHT = Purchase(
    customer=AccountId(1),
    seats=(7,),
    confirmed=frozenset({Confirmation(BookingId(3), (7,))}),
)
BOOKING = a_booking(SHOW, [7], id=BookingId(3), customer=AccountId(1))
HELD = StoredSales([BOOKING], {BOOKING.seats[0].number: BOOKING.id}, holds=[], held={}, at=NOW)

NOTHING = StoredSales([], {}, holds=[], held={}, at=NOW)


@pytest.fixture
def measurements():
    return [
        Measurement("book", 201, "", 0.003, 10.0),
        Measurement("book", 201, "", 0.004, 10.1),
        Measurement("book", 201, "", 0.04, 10.5),
        Measurement("book", 409, "seat_taken", 0.004, 10.6),
        Measurement("book", 503, "busy", 0.004, 10.7),
        Measurement("book", 0, "", 30.0, 40.7),
        Measurement("seat map", 200, "", 0.001, 9.9),
    ]


def report(purchases, held, measurements):
    verdict = check_consistency(purchases, held, set(held.sold))
    return list(report_lines(SHOW, purchases, held, verdict, measurements, 2.0))


def rows(printed):
    """Each line's label and first number."""
    split = (line.split("  ") for line in printed if "  " in line.strip())
    return {
        words[0]: words[1].strip() if len(words) > 1 else ""
        for words in ([word for word in line if word.strip()] for line in split)
    }


def test_the_report_counts_bookings_requests_refusals_and_errors(measurements):
    cancelled = replace(BOUGHT, cancellation=Cancellation.UNKNOWN)
    printed = rows(
        report([BOUGHT, cancelled, replace(BOUGHT, confirmed=frozenset())], HELD, measurements)
    )
    assert printed["Seats"] == "1 sold of 400"
    assert printed["Bookings confirmed"] == "2"
    assert printed["Outcome unknown"] == "1"
    assert printed["Requests"] == "6"
    assert printed["Time"].startswith("2.0 seconds")
    assert printed["seat_taken"] == "1"
    assert printed["503 busy"] == "1"
    assert printed["no answer to book"] == "1"


def test_the_report_fits_80_columns(measurements):
    bookings = [replace(BOOKING, id=BookingId(10**9 + turn)) for turn in range(50)]
    many = replace(HELD, bookings=bookings, sold={})
    assert max(map(len, report([BOUGHT], many, measurements))) <= 80 + len("\x1b[31m\x1b[0m") * 40
    unstyled = [line for line in report([BOUGHT], many, measurements) if "\x1b" not in line]
    assert max(map(len, unstyled)) <= 80


def test_the_verdict_of_a_consistent_rehearsal(measurements):
    printed = report([BOUGHT], HELD, measurements)
    assert printed[-1].startswith("OK:")
    assert rows(printed)["seats sold twice"] == "0"


def test_the_verdict_names_the_broken_invariants(measurements):
    printed = report([BOUGHT], NOTHING, measurements)
    assert printed[-1].startswith("BROKEN")
    (line,) = (line for line in printed if "confirmed but missing" in line)
    assert line.split()[-2:] == ["1", "3"]


def test_a_rehearsal_without_sales_fails():
    assert report([], NOTHING, [])[-1] == "NOTHING WAS SOLD."


def test_limited_requests_are_counted_separately_with_a_remedy(measurements):
    assert not any("429" in line for line in report([BOUGHT], HELD, measurements))
    measurements += [Measurement("book", 429, "rate_limited", 0.001, 11.0)] * 3
    printed = report([BOUGHT], HELD, measurements)
    assert printed[printed.index("Limited (429)") + 1].split() == ["book", "3"]
    assert "TICKETING_RATELIMIT=off" in "".join(printed)
    assert "429 rate_limited" not in rows(printed)


def test_percentiles():
    seconds = [turn / 1000 for turn in range(100, 0, -1)]
    assert [percentile(seconds, percent) for percent in (50, 99, 100)] == [51, 100, 100]
    assert percentile([0.002], 50) == 2


def test_a_histogram_has_no_empty_buckets_at_its_ends():
    assert histogram([0.003, 0.0199, 0.02, 0.0049]) == [
        (2, 5, 2),
        (5, 10, 0),
        (10, 20, 1),
        (20, 50, 1),
    ]
    assert histogram([11.0]) == [(10_000, float("inf"), 1)]
    assert histogram([]) == []


def test_bookings_per_second_are_measured_from_the_first_to_the_last(measurements):
    printed = report([BOUGHT] * 3, HELD, measurements)
    (booked,) = (line for line in printed if "Bookings" in line)
    (time,) = (line for line in printed if "Time" in line)
    assert booked.split()[-3:] == ["6", "a", "second"]
    assert time.split()[-4:] == ["0.5", "of", "them", "selling"]


def test_progress_is_printed_in_a_few_lines_without_a_terminal(capsys):
    progress = Progress("Served", 1000)
    for done in (0, 1, 150, 199, 203, 390, 810, 990, 1000, 1000):
        progress(done)
    printed = [line.split(":")[1].split()[0] for line in capsys.readouterr().err.splitlines()]
    assert printed == ["203", "810", "1,000"]


def test_progress_is_one_line_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    progress = Progress("Served", 1000)
    for done in (0, 500, 1000, 1000):
        progress(done)
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert printed.rstrip().endswith("1,000 of 1,000 customers")
