"""Two transactions that meet at a hold: a seat is never kept for two, and nothing is lost."""

import pytest

from tests.builders import SALES_GRACE, register
from tests.contracts.fixtures import Fixtures, booked
from tests.integration.sql.postgresql.transaction_client import (
    COMMIT,
    HOLDING,
    SAVING,
    SELLING,
)
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import (
    HoldBooked,
    HoldExpired,
    HoldLost,
    HoldReleased,
    SeatHeld,
    SeatLimit,
    SeatTaken,
)
from ticketing.domain.sales.hold import HoldId, HoldStatus
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy

ANOTHER_PLAN = ShowDraft(total_seats=60)


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """Only the default isolation: a stricter one would refuse what the locks have to prevent."""
    return postgresql


class HoldsOfTwo(Fixtures):
    """A hold of the seats 1 and 2; its owner acts first, or second."""

    @pytest.fixture
    def holds(self, transactions):
        return HoldService(transactions, SalesPolicy(SALES_GRACE))

    @pytest.fixture
    def hold(self, holds, show, actor):
        return holds.hold(show.id, [1, 2], actor)

    @pytest.fixture
    def staff(self, transactions):
        return Actor(register(transactions, "staff", role=Role.STAFF), Role.STAFF)

    @pytest.fixture
    def other(self, transactions):
        return Actor(register(transactions, "other_customer"), Role.CUSTOMER)

    @pytest.fixture
    def first(self, client):
        return client("first")

    @pytest.fixture
    def second(self, client):
        return client("second")

    @pytest.fixture
    def expire(self, clock, hold):
        def expire() -> None:
            clock.now = hold.expires_at

        return expire

    @pytest.fixture
    def stored(self, transactions):
        return lambda hold_id: transactions(lambda uow: uow.holds.get(hold_id))

    @pytest.fixture
    def seats(self, queries, transactions, show):
        """Return the sold seats, and the seats that carry each hold."""

        def seats():
            room = transactions(lambda uow: uow.seats.room(show.id))
            carried: dict[HoldId, list[int]] = {}
            for seat in room.seats:
                if seat.hold and seat.hold.id:
                    carried.setdefault(seat.hold.id, []).append(seat.seat.number)
            return booked(queries, show.id), carried

        return seats


class TestTakeOver(HoldsOfTwo):
    """Another customer holds or buys a seat of the hold in the instant in which it expires."""

    @pytest.fixture(params=["hold", "book"])
    def kind(self, request):
        return request.param

    @pytest.fixture
    def take(self, kind, show, other):
        """Let a client take the seats 2 and 3."""

        def take(client, **how):
            if kind == "hold":
                return client.start(client.holds.hold, show.id, [2, 3], other, **how)
            return client.start(client.sales.book, show.id, [2, 3], other.account_id, **how)

        return take

    def test_a_booking_that_was_decided_before_keeps_the_seats(
        self, first, second, hold, actor, take, expire, seats
    ):
        first.start(first.holds.book, hold.id, actor, stopping_before=SELLING)
        expire()
        take(second)
        booking = first.resume()
        assert second.waited
        assert isinstance(second.result(), SeatTaken)
        assert [seat.number for seat in booking.seats] == [1, 2]
        assert seats() == ([1, 2], {})

    def test_an_extension_that_was_decided_before_keeps_the_seats(
        self, first, second, hold, actor, clock, take, expire, seats
    ):
        clock.advance(minutes=1)
        first.start(first.holds.extend, hold.id, actor, stopping_before=SAVING)
        expire()
        take(second)
        extended = first.resume().hold
        assert second.waited
        assert isinstance(refusal := second.result(), SeatHeld)
        assert refusal.facts["held_until"] == extended.expires_at
        assert seats() == ([], {hold.id: [1, 2]})

    def test_a_change_that_was_decided_before_gives_its_seats_up(
        self, first, second, stored, hold, actor, take, expire, seats
    ):
        first.start(first.holds.change, hold.id, [1], actor, stopping_before=SAVING)
        expire()
        take(second)
        changed = first.resume().hold
        taken = second.result()
        assert second.waited
        assert stored(hold.id) == changed
        assert [seat.number for seat in taken.seats] == [2, 3]
        sold, carried = seats()
        assert carried.pop(hold.id) == [1]
        assert (sold, list(carried.values())) in (([2, 3], []), ([], [[2, 3]]))

    def test_a_release_that_was_decided_before_gives_its_seats_up(
        self, first, second, stored, clock, hold, staff, take, expire, seats
    ):
        expire()
        first.start(first.holds.release, hold.id, staff, stopping_before=SAVING)
        take(second)
        first.resume()
        taken = second.result()
        assert second.waited
        assert stored(hold.id).status(clock.now) is HoldStatus.RELEASED
        assert [seat.number for seat in taken.seats] == [2, 3]
        sold, carried = seats()
        assert (sold, list(carried.values())) in (([2, 3], []), ([], [[2, 3]]))

    @pytest.mark.parametrize("half_way", ["deciding", COMMIT])
    def test_an_expired_hold_that_is_being_taken_over_is_lost(
        self, first, second, hold, actor, kind, take, expire, seats, half_way
    ):
        expire()
        if half_way == "deciding":
            half_way = HOLDING if kind == "hold" else SELLING
        take(first, stopping_before=half_way)
        second.start(second.holds.book, hold.id, actor)
        first.resume()
        assert second.waited
        assert isinstance(refusal := second.result(), HoldLost)
        assert refusal.facts == {"seats": ["A2"]}
        sold, carried = seats()
        assert carried.pop(hold.id) == [1]
        assert (sold, list(carried.values())) in (([2, 3], []), ([], [[2, 3]]))

    @pytest.mark.parametrize("act", ["extend", "change", "release"])
    def test_a_seat_that_was_taken_over_stays_with_who_took_it(
        self, first, second, hold, actor, staff, clock, take, expire, seats, act
    ):
        """Also where the clock is set back, so that the hold seems to be active again."""
        expire()
        take(first, stopping_before=COMMIT)
        clock.now = hold.created_at
        if act == "extend":
            second.start(second.holds.extend, hold.id, actor)
        elif act == "change":
            second.start(second.holds.change, hold.id, [2], actor)
        else:
            second.start(second.holds.release, hold.id, staff)
        taken = first.resume()
        assert second.waited
        refusal = second.result()
        if act == "extend":
            assert isinstance(refusal, HoldExpired)
        elif act == "change":
            assert isinstance(refusal, SeatHeld | SeatTaken)
        else:
            assert refusal is None
        sold, carried = seats()
        assert sold or carried[taken.id] == [2, 3]


class TestTwoCallsOfTheOwner(HoldsOfTwo):
    """On two devices, or the staff end the hold meanwhile."""

    def test_a_hold_is_booked_once(self, first, second, hold, actor, seats):
        first.start(first.holds.book, hold.id, actor, stopping_before=SELLING)
        second.start(second.holds.book, hold.id, actor)
        booking = first.resume()
        assert second.waited
        assert isinstance(refusal := second.result(), HoldBooked)
        assert refusal.facts == {"booking": booking.id}
        assert seats() == ([1, 2], {})

    @pytest.mark.parametrize("half_way", [SAVING, COMMIT])
    def test_a_hold_that_is_being_changed_is_booked_with_its_new_seats(
        self, first, second, hold, actor, seats, half_way
    ):
        first.start(first.holds.change, hold.id, [2, 3], actor, stopping_before=half_way)
        second.start(second.holds.book, hold.id, actor)
        first.resume()
        assert second.waited
        assert [seat.number for seat in second.result().seats] == [2, 3]
        assert seats() == ([2, 3], {})

    def test_other_seats_are_not_changed_past_a_booking(
        self, first, second, hold, actor, show, seats
    ):
        """The new seats are not among those that the first has locked: its customer is."""
        first.start(first.holds.change, hold.id, [5], actor, stopping_before=COMMIT)
        second.start(second.holds.change, hold.id, [6, 7], actor)
        first.resume()
        assert second.waited
        assert second.result().hold.seat_numbers == [6, 7]
        assert seats() == ([], {hold.id: [6, 7]})

    @pytest.mark.parametrize("half_way", [SELLING, COMMIT])
    @pytest.mark.parametrize(
        ("act", "args"), [("change", [[2, 3]]), ("extend", []), ("release", [])]
    )
    def test_a_hold_that_is_being_booked_is_not_changed(
        self, first, second, stored, clock, hold, actor, seats, half_way, act, args
    ):
        clock.advance(minutes=1)
        first.start(first.holds.book, hold.id, actor, stopping_before=half_way)
        second.start(getattr(second.holds, act), hold.id, *args, actor)
        booking = first.resume()
        assert second.waited
        assert isinstance(second.result(), HoldBooked)
        assert stored(hold.id).booking_id == booking.id
        assert seats() == ([1, 2], {})

    @pytest.mark.parametrize("half_way", [SAVING, COMMIT])
    @pytest.mark.parametrize(("act", "args"), [("book", []), ("change", [[2, 3]]), ("extend", [])])
    def test_a_hold_that_the_staff_end_stays_ended(
        self, first, second, stored, clock, hold, actor, staff, seats, half_way, act, args
    ):
        clock.advance(minutes=1)
        first.start(first.holds.release, hold.id, staff, stopping_before=half_way)
        second.start(getattr(second.holds, act), hold.id, *args, actor)
        first.resume()
        assert second.waited
        assert isinstance(second.result(), HoldReleased)
        assert stored(hold.id).status(clock.now) is HoldStatus.RELEASED
        assert seats() == ([], {})

    @pytest.mark.parametrize("half_way", [SAVING, COMMIT])
    @pytest.mark.parametrize(
        ("act", "args", "status", "left"),
        [
            ("extend", [], HoldStatus.ACTIVE, [1, 2]),
            ("change", [[2, 3]], HoldStatus.ACTIVE, [2, 3]),
        ],
    )
    def test_the_staff_end_a_hold_that_is_being_changed(
        self, first, second, stored, clock, hold, actor, staff, seats, half_way, act, args,
        status, left,
    ):  # fmt: skip
        clock.advance(minutes=1)
        first.start(getattr(first.holds, act), hold.id, *args, actor, stopping_before=half_way)
        second.start(second.holds.release, hold.id, staff)
        changed = first.resume().hold
        assert (changed.status(clock.now), changed.seat_numbers) == (status, left)
        assert second.waited
        assert second.result() is None
        assert stored(hold.id).status(clock.now) is HoldStatus.RELEASED
        assert seats() == ([], {})


class TestBookingHeldSeatsByName(HoldsOfTwo):
    @pytest.mark.parametrize("half_way", [SELLING, COMMIT])
    def test_the_rest_of_the_hold_can_still_be_booked(
        self, first, second, show, hold, actor, seats, half_way
    ):
        first.start(first.sales.book, show.id, [1], actor.account_id, stopping_before=half_way)
        second.start(second.holds.book, hold.id, actor)
        booking = first.resume()
        assert second.waited
        assert [seat.number for seat in booking.seats] == [1]
        assert [seat.number for seat in second.result().seats] == [2]
        assert seats() == ([1, 2], {})

    @pytest.mark.parametrize("half_way", [SELLING, COMMIT])
    def test_a_hold_without_seats_is_booked(
        self, first, second, stored, show, hold, actor, seats, half_way
    ):
        first.start(first.sales.book, show.id, [1, 2], actor.account_id, stopping_before=half_way)
        second.start(second.holds.extend, hold.id, actor)
        booking = first.resume()
        assert second.waited
        assert isinstance(second.result(), HoldBooked)
        assert stored(hold.id).booking_id == booking.id
        assert seats() == ([1, 2], {})

    @pytest.mark.parametrize("half_way", [SELLING, COMMIT])
    def test_two_bookings_of_different_seats_use_the_hold_up(
        self, first, second, stored, show, hold, customer, seats, half_way
    ):
        """They lock no seat in common, but their customer."""
        first.start(first.sales.book, show.id, [1], customer, stopping_before=half_way)
        second.start(second.sales.book, show.id, [2], customer)
        assert isinstance(first.resume(), Booking)
        booking = second.result()
        assert second.waited
        assert stored(hold.id).booking_id == booking.id
        assert seats() == ([1, 2], {})

    @pytest.mark.parametrize(("act", "args"), [("change", [[2, 3]]), ("extend", [])])
    @pytest.mark.parametrize("half_way", [SAVING, COMMIT])
    def test_seats_leave_the_hold_that_is_being_changed(
        self, first, second, stored, show, clock, hold, actor, seats, half_way, act, args
    ):
        clock.advance(minutes=1)
        first.start(getattr(first.holds, act), hold.id, *args, actor, stopping_before=half_way)
        second.start(second.sales.book, show.id, [2], actor.account_id)
        changed = first.resume().hold
        assert second.waited
        assert isinstance(second.result(), Booking)
        [left] = [number for number in changed.seat_numbers if number != 2]
        assert stored(hold.id).seat_numbers == [left]
        assert seats() == ([2], {hold.id: [left]})

    def test_it_writes_no_seat_that_it_has_not_locked(
        self, postgresql_url, first, second, show, hold, actor, other, seats
    ):
        """Else it would deadlock with one that locks all seats of the hold in their order."""
        first.start(first.sales.book, show.id, [2], actor.account_id, stopping_before=SELLING)
        second.start(second.holds.hold, show.id, [1, 2], other)
        assert isinstance(first.resume(), Booking)
        assert isinstance(second.result(), SeatTaken)
        assert (first.attempts, second.attempts) == (1, 1)
        assert seats() == ([2], {hold.id: [1]})


class TestTheLimit(HoldsOfTwo):
    @pytest.fixture
    def limited(self, client):
        def limited(name):
            its = client(name)
            policy = SalesPolicy(SALES_GRACE, per_account=3)
            its.sales = BookingService(its.transactions, policy)
            its.holds = HoldService(its.transactions, policy)
            return its

        return limited

    @pytest.mark.parametrize("half_way", ["deciding", COMMIT])
    @pytest.mark.parametrize("kinds", [("hold", "book"), ("book", "hold"), ("hold", "hold")])
    def test_seats_held_and_booked_at_once_count_together(
        self, limited, show, customer, actor, kinds, half_way
    ):
        def start(client, kind, seats, **how):
            if kind == "hold":
                return client.start(client.holds.hold, show.id, seats, actor, **how)
            return client.start(client.sales.book, show.id, seats, customer, **how)

        first, second = limited("first"), limited("second")
        if half_way == "deciding":
            half_way = HOLDING if kinds[0] == "hold" else SELLING
        start(first, kinds[0], [5, 6], stopping_before=half_way)
        start(second, kinds[1], [7, 8])
        first.resume()
        assert second.waited
        assert isinstance(refusal := second.result(), SeatLimit)
        assert refusal.facts == {"limit": 3, "held": 2}

    def test_a_hold_that_grows_counts(self, limited, hold, show, customer, actor):
        first, second = limited("first"), limited("second")
        first.start(first.holds.change, hold.id, [1, 2, 3], actor, stopping_before=SAVING)
        second.start(second.sales.book, show.id, [7], customer)
        first.resume()
        assert isinstance(refusal := second.result(), SeatLimit)
        assert refusal.facts == {"limit": 3, "held": 3}


class TestShowChanges(HoldsOfTwo):
    """The staff need not wait for holds, and no hold survives a change of its show."""

    @pytest.fixture(params=["live", "expired"])
    def state(self, request, expire):
        if request.param == "expired":
            expire()
        return request.param

    @pytest.mark.parametrize("change", [ANOTHER_PLAN, ShowDraft(cancelled=True)])
    def test_a_hold_ends_with_the_show_as_it_was(
        self, first, second, stored, clock, show, hold, actor, state, seats, change
    ):
        first.start(first.programme.change_show, show.id, change, stopping_before=COMMIT)
        second.start(second.holds.book, hold.id, actor)
        first.resume()
        assert second.waited
        assert isinstance(second.result(), HoldReleased)
        assert stored(hold.id).status(clock.now) is HoldStatus.RELEASED
        assert seats() == ([], {})

    def test_a_hold_that_is_being_booked_keeps_the_plan(
        self, first, second, queries, show, hold, actor, state, seats
    ):
        first.start(first.holds.book, hold.id, actor, stopping_before=SELLING)
        second.start(second.programme.change_show, show.id, ANOTHER_PLAN)
        booking = first.resume()
        assert second.waited
        assert second.result().code == "show_has_bookings"
        assert queries.sales.booking(booking.id) == booking
        assert seats() == ([1, 2], {})

    @pytest.mark.parametrize("half_way", [HOLDING, COMMIT])
    def test_a_hold_that_is_being_made_ends(
        self, first, second, stored, clock, show, actor, seats, half_way
    ):
        first.start(first.holds.hold, show.id, [1, 2], actor, stopping_before=half_way)
        second.start(second.programme.change_show, show.id, ANOTHER_PLAN)
        made = first.resume()
        assert second.waited
        assert second.result().plan.total_seats == 60
        assert stored(made.id).status(clock.now) is HoldStatus.RELEASED
        assert seats() == ([], {})

    @pytest.mark.parametrize("half_way", [SAVING, COMMIT])
    @pytest.mark.parametrize(("act", "args"), [("extend", []), ("change", [[2, 3]])])
    def test_a_hold_that_is_being_changed_ends(
        self, first, second, stored, clock, show, hold, actor, seats, half_way, act, args
    ):
        clock.advance(minutes=1)
        first.start(getattr(first.holds, act), hold.id, *args, actor, stopping_before=half_way)
        second.start(second.programme.change_show, show.id, ANOTHER_PLAN)
        first.resume()
        assert second.waited
        assert second.result().plan.total_seats == 60
        assert stored(hold.id).status(clock.now) is HoldStatus.RELEASED
        assert seats() == ([], {})

    @pytest.mark.parametrize(("act", "args"), [("extend", []), ("change", [[2, 3]])])
    def test_a_hold_that_ended_with_the_change_is_not_revived(
        self, first, second, clock, show, hold, actor, seats, act, args
    ):
        clock.advance(minutes=1)
        first.start(first.programme.change_show, show.id, ANOTHER_PLAN, stopping_before=COMMIT)
        second.start(getattr(second.holds, act), hold.id, *args, actor)
        first.resume()
        assert second.waited
        assert isinstance(second.result(), HoldReleased)
        assert seats() == ([], {})

    @pytest.mark.parametrize("half_way", [HOLDING, COMMIT])
    def test_a_seat_that_is_being_held_is_not_blocked(
        self, first, second, show, actor, seats, half_way
    ):
        first.start(first.holds.hold, show.id, [3], actor, stopping_before=half_way)
        second.start(second.blocked_seats.block, show.id, [3])
        made = first.resume()
        assert second.waited
        assert isinstance(second.result(), SeatHeld)
        assert seats()[1][made.id] == [3]

    def test_an_expired_hold_is_not_booked_with_a_seat_that_is_being_blocked(
        self, first, second, show, hold, actor, expire, seats
    ):
        expire()
        first.start(first.blocked_seats.block, show.id, [2], stopping_before=COMMIT)
        second.start(second.holds.book, hold.id, actor)
        first.resume()
        assert second.waited
        assert isinstance(refusal := second.result(), HoldLost)
        assert refusal.facts == {"seats": ["A2"]}
        assert seats() == ([], {hold.id: [1]})
