"""What an operator gets to see of a rehearsal."""

from dataclasses import replace

import pytest

from tests.builders import a_booking, a_show
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plan import SeatPlan
from ticketing.domain.programme.show import ShowId
from ticketing.domain.rehearsal.consistency import check_consistency
from ticketing.domain.rehearsal.record import Cancellation, Confirmation, Purchase, StoredSales
from ticketing.domain.sales.booking import BookingId
from ticketing.entrypoints.cli.rehearse.progress import Progress
from ticketing.entrypoints.cli.rehearse.report import report_lines
from ticketing.entrypoints.cli.rehearse.statistics import Statistics, histogram, percentile

SHOW = a_show(id=ShowId(5), plan=SeatPlan(400, 40))
BOUGHT = Purchase(
    customer=AccountId(1),
    seats=(7,),
    confirmed=frozenset({Confirmation(BookingId(3), (7,))}),
)
BOOKING = a_booking(SHOW, [7], id=BookingId(3), customer=AccountId(1))
HELD = StoredSales([BOOKING], {BOOKING.seats[0].number: BOOKING.id})


@pytest.fixture
def statistics():
    statistics = Statistics()
    for milliseconds in (3, 4, 40):
        statistics.add_answer("book", 201, "", milliseconds / 1000)
    statistics.add_answer("book", 409, "seat_taken", 0.004)
    statistics.add_answer("book", 503, "busy", 0.004)
    statistics.add_lost("book")
    statistics.add_answer("seat map", 200, "", 0.001)
    return statistics


def report(told, held, statistics):
    return list(
        report_lines(
            SHOW, told, held, check_consistency(told, held, set(held.sold)), statistics, 2.0
        )
    )


def rows(printed):
    """Each line's label and first number."""
    split = (line.split("  ") for line in printed if "  " in line.strip())
    return {
        words[0]: words[1].strip() if len(words) > 1 else ""
        for words in ([word for word in line if word.strip()] for line in split)
    }


def test_it_tells_what_happened(statistics):
    cancelled = replace(BOUGHT, cancellation=Cancellation.UNKNOWN)
    printed = rows(
        report([BOUGHT, cancelled, replace(BOUGHT, confirmed=frozenset())], HELD, statistics)
    )
    assert printed["Seats"] == "1 sold of 400"
    assert printed["Bookings confirmed"] == "2"
    assert printed["Outcome unknown"] == "1"
    assert printed["Requests"] == "6"
    assert printed["Time"].startswith("2.0 seconds")
    assert printed["seat_taken"] == "1"
    assert printed["503 busy"] == "1"
    assert printed["no answer to book"] == "1"


def test_it_fits_a_terminal_of_eighty_columns(statistics):
    many = StoredSales([replace(BOOKING, id=BookingId(10**9 + turn)) for turn in range(50)], {})
    assert max(map(len, report([BOUGHT], many, statistics))) <= 80 + len("\x1b[31m\x1b[0m") * 40
    unstyled = [line for line in report([BOUGHT], many, statistics) if "\x1b" not in line]
    assert max(map(len, unstyled)) <= 80


def test_a_good_verdict(statistics):
    printed = report([BOUGHT], HELD, statistics)
    assert printed[-1].startswith("OK:")
    assert rows(printed)["seats sold twice"] == "0"


def test_a_bad_verdict_names_what_is_broken(statistics):
    printed = report([BOUGHT], StoredSales([], {}), statistics)
    assert printed[-1].startswith("BROKEN")
    (line,) = (line for line in printed if "confirmed but missing" in line)
    assert line.split()[-2:] == ["1", "3"]


def test_nothing_sold_is_no_good_verdict():
    assert report([], StoredSales([], {}), Statistics())[-1] == "NOTHING WAS SOLD."


def test_limits_are_counted_apart_and_told_how_to_lift(statistics):
    assert not any("429" in line for line in report([BOUGHT], HELD, statistics))
    for _ in range(3):
        statistics.add_answer("book", 429, "rate_limited", 0.001)
    printed = report([BOUGHT], HELD, Statistics.merged([statistics]))
    assert printed[printed.index("Limited (429)") + 1].split() == ["book", "3"]
    assert "TICKETING_RATELIMIT=off" in "".join(printed)
    assert "429 rate_limited" not in rows(printed)


def test_percentiles():
    seconds = [turn / 1000 for turn in range(100, 0, -1)]
    assert [percentile(seconds, percent) for percent in (50, 99, 100)] == [51, 100, 100]
    assert percentile([0.002], 50) == 2


def test_a_histogram_begins_and_ends_with_what_there_is():
    assert histogram([0.003, 0.0199, 0.02, 0.0049]) == [
        (2, 5, 2),
        (5, 10, 0),
        (10, 20, 1),
        (20, 50, 1),
    ]
    assert histogram([11.0]) == [(10_000, float("inf"), 1)]
    assert histogram([]) == []


def test_bookings_are_counted_by_the_second_while_there_are_some_to_sell(statistics):
    statistics.sold_at = [10.0, 10.1, 10.5]
    printed = report([BOUGHT] * 3, HELD, statistics)
    (booked,) = (line for line in printed if "Bookings" in line)
    (time,) = (line for line in printed if "Time" in line)
    assert booked.split()[-3:] == ["6", "a", "second"]
    assert time.split()[-4:] == ["0.5", "of", "them", "selling"]


def test_tallies_are_merged(statistics):
    whole = Statistics.merged([statistics, statistics, Statistics()])
    assert whole.requests == 12
    assert len(whole.sold_at) == 6
    assert whole.refusals == {"seat_taken": 2}
    assert whole.errors == {"503 busy": 2, "no answer to book": 2}


def test_progress_is_a_few_lines_where_it_is_no_terminal(capsys):
    progress = Progress("Served", 1000)
    for done in (0, 1, 150, 199, 203, 390, 810, 990, 1000, 1000):
        progress(done)
    told = [line.split(":")[1].split()[0] for line in capsys.readouterr().err.splitlines()]
    assert told == ["203", "810", "1,000"]


def test_progress_is_one_line_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    progress = Progress("Served", 1000)
    for done in (0, 500, 1000, 1000):
        progress(done)
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.rstrip().endswith("1,000 of 1,000 customers")
