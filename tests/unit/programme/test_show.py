"""Shows: plans, times, status and rescheduling."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import (
    CLEANING,
    CUSTOMER,
    NOW,
    SALES_GRACE,
    TOMORROW,
    a_movie,
    a_screen,
    a_show,
    sold_at_once,
)
from ticketing.domain.errors import InvalidFields
from ticketing.domain.programme.errors import ShowCancelled
from ticketing.domain.programme.screen import ScreenId
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import Show, ShowStatus
from ticketing.domain.sales.booking import BookingId
from ticketing.domain.sales.errors import SalesClosed, SeatTaken
from ticketing.domain.sales.selling import ShowSeat
from ticketing.domain.times import EARLIEST, LATEST

A_MOMENT = timedelta(microseconds=1)
SALES_END = TOMORROW + SALES_GRACE


def free(*numbers):
    return [ShowSeat(a_show().plan.seat(number)) for number in numbers]


def sold(number):
    return ShowSeat(a_show().plan.seat(number), BookingId(9))


def book(show, seats, now=NOW):
    return sold_at_once(show, seats, CUSTOMER, now)


def test_a_show_has_the_plan_of_its_screen_or_one_of_its_own():
    screen = a_screen(plan=plain_grid(80, 8))
    assert Show.new(a_movie(), screen, TOMORROW).plan == screen.plan
    assert Show.new(a_movie(), screen, TOMORROW, plain_grid(5)).plan == plain_grid(5)


def test_a_show_ends_when_its_movie_ends():
    assert a_show(movie=a_movie(duration_minutes=90)).ends_at == TOMORROW + timedelta(minutes=90)


@pytest.mark.parametrize("starts_at", [EARLIEST - A_MOMENT, LATEST])
def test_a_start_outside_the_calendar_is_refused(starts_at):
    with pytest.raises(InvalidFields) as refusal:
        Show.new(a_movie(), a_screen(), starts_at)
    assert list(refusal.value.facts["errors"]) == ["starts_at"]
    with pytest.raises(InvalidFields):
        moved(a_show(), starts_at=starts_at)


def test_all_of_the_seats_are_sold():
    show = a_show()
    booking = book(show, free(3, 4))
    assert (booking.show, booking.customer, booking.created_at) == (show, CUSTOMER, NOW)
    assert [seat.label for seat in booking.seats] == ["A3", "A4"]
    assert booking.is_active


def test_no_seat_is_sold_when_one_is_taken():
    with pytest.raises(SeatTaken) as refusal:
        book(a_show(), [*free(1), sold(2), *free(3), sold(4)])
    assert refusal.value.facts == {"seats": ["A2", "A4"]}
    assert refusal.value.detail == "Seat already booked"


def test_sales_end_after_the_grace_period():
    assert book(a_show(), free(1), now=SALES_END - A_MOMENT).is_active
    with pytest.raises(SalesClosed):
        book(a_show(), free(1), now=SALES_END)


def test_ended_sales_are_reported_before_taken_seats():
    with pytest.raises(SalesClosed):
        book(a_show(), [sold(1)], now=SALES_END)


def test_a_cancelled_show_sells_no_seats():
    with pytest.raises(SalesClosed, match="cancelled"):
        book(a_show().cancelled(NOW), free(1))


@pytest.mark.parametrize(
    ("show", "available", "now", "status"),
    [
        (a_show(), 1, NOW, ShowStatus.ON_SALE),
        (a_show(), 0, NOW, ShowStatus.SOLD_OUT),
        (a_show(), 1, SALES_END - A_MOMENT, ShowStatus.ON_SALE),
        (a_show(), 1, SALES_END, ShowStatus.CLOSED),
        (a_show(), 0, SALES_END, ShowStatus.CLOSED),
        (a_show(cancelled_at=NOW), 1, NOW, ShowStatus.CANCELLED),
        (a_show(cancelled_at=NOW), 1, SALES_END, ShowStatus.CANCELLED),
    ],
)
def test_the_status_of_a_show(show, available, now, status):
    assert show.status(available=available, now=now, grace=SALES_GRACE) == status


def moved(show, **changes):
    same = {
        "movie": show.movie,
        "screen": show.screen,
        "starts_at": show.starts_at,
        "plan": show.plan,
    }
    return show.rescheduled(**same | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"movie": a_movie("M")},
        {"screen": a_screen("Cellar")},
        {"starts_at": NOW},
        {"plan": plain_grid(7)},
    ],
)
def test_a_show_can_be_rescheduled_unless_it_is_cancelled(changes):
    assert moved(a_show(), **changes) == replace(a_show(), **changes)
    with pytest.raises(ShowCancelled):
        moved(a_show(cancelled_at=NOW), **changes)


def test_a_show_without_changes_is_returned_unchanged():
    cancelled = a_show(cancelled_at=NOW)
    assert moved(cancelled) is cancelled


def test_a_show_is_cancelled_once():
    cancelled = a_show().cancelled(NOW)
    assert cancelled.cancelled_at == NOW
    assert cancelled.cancelled(TOMORROW) is cancelled


@pytest.mark.parametrize(
    ("gap", "too_close"), [(CLEANING, False), (CLEANING - A_MOMENT, True), (-A_MOMENT, True)]
)
def test_shows_that_leave_no_time_for_cleaning_overlap(gap, too_close):
    first = a_show()
    second = a_show(starts_at=first.ends_at + gap)
    elsewhere = replace(second, screen=replace(second.screen, id=ScreenId(2)))
    assert first.overlaps(second, CLEANING) is second.overlaps(first, CLEANING) is too_close
    assert not first.overlaps(elsewhere, CLEANING)
