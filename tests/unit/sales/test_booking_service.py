"""Booking and cancelling seats."""

import pytest

from tests.builders import CUSTOMER, NOW, SALES_GRACE, TOMORROW, a_show, put_on
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.errors import Forbidden, InvalidFields
from ticketing.domain.programme.errors import SeatNamedTwice, ShowNotFound, UnknownSeat
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import (
    BookingNotFound,
    IdempotencyKeyReused,
    SalesClosed,
    SeatTaken,
    ShowFull,
    ShowStarted,
    TooManyKeys,
)
from ticketing.domain.sales.idempotency import MAX_KEYS_PER_OPERATION, RETENTION, Repeatable, Replay
from ticketing.domain.sales.selling import SalesPolicy

OTHER_CUSTOMER = AccountId(2)
OWNER = Actor(CUSTOMER, Role.CUSTOMER)
STAFF = Actor(AccountId(3), Role.STAFF)


@pytest.fixture
def service(transactions):
    return BookingService(transactions, SalesPolicy(SALES_GRACE))


@pytest.fixture
def show(transactions):
    return put_on(transactions)


def booked(queries, show):
    return sorted(queries.sales.seat_map(show.id).booked)


def test_seats_can_be_booked_by_any_of_their_names(queries, service, show):
    booking = service.book(show.id, ["b1", 3, "5", " A2 "], CUSTOMER)
    assert [seat.label for seat in booking.seats] == ["A2", "A3", "A5", "B1"]
    assert (booking.show, booking.customer, booking.created_at) == (show, CUSTOMER, NOW)
    assert queries.sales.booking(booking.id) == booking
    assert booked(queries, show) == [2, 3, 5, 11]


def test_one_to_ten_seats_can_be_booked_at_once(queries, service, show):
    for seats in (range(0), range(1, 12)):
        with pytest.raises(InvalidFields) as refusal:
            service.book(show.id, seats, CUSTOMER)
        assert list(refusal.value.facts["errors"]) == ["seats"]
    assert len(service.book(show.id, range(1, 11), CUSTOMER).seats) == 10


@pytest.mark.parametrize(
    ("seats", "refusal"),
    [
        (["A1", "Z9"], UnknownSeat),
        ([51], UnknownSeat),
        ([True], UnknownSeat),
        (["A1", 1], SeatNamedTwice),
        ([4, "A5"], SeatTaken),
    ],
)
def test_all_seats_are_sold_or_none(queries, service, show, seats, refusal):
    service.book(show.id, ["A5"], OTHER_CUSTOMER)
    with pytest.raises(refusal):
        service.book(show.id, seats, CUSTOMER)
    assert booked(queries, show) == [5]
    assert queries.programme.show(show.id).available_seats == 49


def test_taken_seats_are_named(service, show):
    service.book(show.id, ["A5", "A7"], OTHER_CUSTOMER)
    with pytest.raises(SeatTaken) as refusal:
        service.book(show.id, [7, 6, 5], CUSTOMER)
    assert refusal.value.facts == {"seats": ["A5", "A7"]}


def test_a_show_without_a_free_seat_is_full(transactions, service):
    show = put_on(transactions, a_show(plan=plain_grid(2)))
    service.book(show.id, [1], CUSTOMER)
    with pytest.raises(SeatTaken):
        service.book(show.id, [1, 2], OTHER_CUSTOMER)
    service.book(show.id, [2], CUSTOMER)
    with pytest.raises(ShowFull):
        service.book(show.id, [2], OTHER_CUSTOMER)


def test_an_unknown_show_is_reported_first(service, show):
    for seats in (["A1"], [], ["nowhere"], [1, 1]):
        with pytest.raises(ShowNotFound):
            service.book(show.id + 1, seats, CUSTOMER)


def test_invalid_seats_are_reported_before_closed_sales(service, show, clock):
    clock.now = TOMORROW + SALES_GRACE
    with pytest.raises(UnknownSeat):
        service.book(show.id, ["nowhere"], CUSTOMER)
    with pytest.raises(SalesClosed):
        service.book(show.id, ["A1"], CUSTOMER)


def test_sales_end_15_minutes_after_the_start(service, show, clock):
    clock.now = TOMORROW
    clock.advance(minutes=14, seconds=59)
    assert service.book(show.id, ["A1"], CUSTOMER).is_active
    clock.advance(seconds=1)
    with pytest.raises(SalesClosed):
        service.book(show.id, ["A2"], CUSTOMER)


@pytest.mark.parametrize("actor", [OWNER, STAFF])
def test_a_cancelled_booking_frees_its_seats(queries, service, show, clock, actor):
    booking = service.book(show.id, ["A1", "A2"], CUSTOMER)
    clock.advance(hours=1)
    cancelled = service.cancel(booking.show.id, booking.id, actor)
    assert cancelled.cancelled_at == clock.now
    assert (cancelled.seats, cancelled.customer) == (booking.seats, CUSTOMER)
    assert queries.sales.booking(booking.id) == cancelled
    assert booked(queries, show) == []


def test_cancelling_twice_changes_nothing(queries, service, show, clock):
    booking = service.book(show.id, ["A1"], CUSTOMER)
    cancelled = service.cancel(booking.show.id, booking.id, OWNER)
    service.book(show.id, ["A1"], OTHER_CUSTOMER)
    clock.advance(days=2)
    assert service.cancel(booking.show.id, booking.id, OWNER) == cancelled
    assert booked(queries, show) == [1]


def test_another_customer_cannot_cancel_a_booking(queries, service, show, clock):
    booking = service.book(show.id, ["A1"], CUSTOMER)
    clock.advance(days=2)
    with pytest.raises(Forbidden):
        service.cancel(booking.show.id, booking.id, Actor(OTHER_CUSTOMER, Role.CUSTOMER))
    assert queries.sales.booking(booking.id) == booking


def test_bookings_cannot_be_cancelled_after_the_start(queries, service, show, clock):
    booking = service.book(show.id, ["A1"], CUSTOMER)
    clock.now = TOMORROW
    with pytest.raises(ShowStarted):
        service.cancel(booking.show.id, booking.id, OWNER)
    assert queries.sales.booking(booking.id) == booking
    assert booked(queries, show) == [1]


def test_an_unknown_booking_is_refused(service, show):
    with pytest.raises(BookingNotFound):
        service.cancel(show.id, show.id, OWNER)


def repeatable(key, fingerprint="the same"):
    return Repeatable(key, fingerprint, lambda booking: f"booking {booking.id}")


def test_a_repeated_cancellation_with_a_key_is_replayed(service, show):
    booking = service.book(show.id, ["A1"], CUSTOMER)
    assert service.cancel_once(show.id, booking.id, OWNER, repeatable("a")).cancelled_at == NOW
    assert service.cancel_once(show.id, booking.id, OWNER, repeatable("a")) == Replay(
        f"booking {booking.id}"
    )


def test_the_key_of_a_cancellation_belongs_to_one_account_and_booking(service, show):
    first, second = (service.book(show.id, [seat], CUSTOMER) for seat in ("A1", "A2"))
    service.cancel_once(show.id, first.id, OWNER, repeatable("a"))
    for booking, actor, key in ((second, OWNER, "a"), (first, STAFF, "a"), (first, OWNER, "b")):
        done = service.cancel_once(
            booking.show.id, booking.id, actor, repeatable(key, "something else")
        )
        assert (done.id, done.is_active) == (booking.id, False)
    with pytest.raises(IdempotencyKeyReused):
        service.cancel_once(show.id, first.id, OWNER, repeatable("a", "something else"))


def test_a_repeated_cancellation_that_changed_nothing_is_rendered_again(service, show, clock):
    booking = service.book(show.id, ["A1"], CUSTOMER)
    service.cancel(show.id, booking.id, OWNER)
    clock.advance(hours=1)
    rendered: list[Booking] = []

    def render(current: Booking) -> str:
        rendered.append(current)
        return "the booking"

    request = Repeatable("a", "the same", render)
    assert service.cancel_once(show.id, booking.id, OWNER, request).cancelled_at == NOW
    assert rendered == []
    clock.advance(hours=1)
    assert service.cancel_once(show.id, booking.id, OWNER, request) == Replay("the booking")
    assert [each.cancelled_at for each in rendered] == [NOW]
    with pytest.raises(IdempotencyKeyReused):
        service.cancel_once(show.id, booking.id, OWNER, repeatable("a", "something else"))


def test_a_cancelled_booking_has_at_most_twenty_keys(service, show, clock):
    booking, other = (service.book(show.id, [seat], CUSTOMER) for seat in ("A1", "A2"))
    service.cancel(show.id, other.id, OWNER)

    def cancel(key, actor=OWNER, of=booking):
        return service.cancel_once(show.id, of.id, actor, repeatable(key))

    for number in range(MAX_KEYS_PER_OPERATION):
        cancel(f"{number}", OWNER if number % 2 else STAFF)
        clock.advance(minutes=1)
    for actor in (OWNER, STAFF):
        for _ in range(2):
            with pytest.raises(TooManyKeys) as refusal:
                cancel("one more", actor)
    assert refusal.value.facts == {"limit": 20, "retry_after": (25 * 60 - 20) * 60}
    assert isinstance(cancel("19"), Replay)
    assert cancel("one more", of=other).cancelled_at

    clock.now = NOW + RETENTION
    assert cancel("one more").cancelled_at == NOW
