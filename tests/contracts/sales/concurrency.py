"""Concurrent calls."""

import random
from collections import Counter

from tests.builders import ADDRESS, PASSWORD, a_screen, account_service, register, session_service
from tests.contracts.concurrent_calls import all_at_once, answer
from tests.contracts.fixtures import ALL, Fixtures, booked
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.accounts.errors import UsernameTaken
from ticketing.domain.programme.errors import ScreenNameTaken
from ticketing.domain.programme.screen_service import ScreenService
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import SeatTaken, ShowFull


def of_kind(answers, kind):
    return [answer for answer in answers if isinstance(answer, kind)]


class ConcurrencyContract(Fixtures):
    def test_one_of_twenty_buyers_gets_the_seat(self, transactions, queries, sales, show):
        buyers = [register(transactions, f"buyer-{turn}") for turn in range(20)]
        answers = all_at_once(lambda buyer: sales.book(show.id, ["C7"], buyer), buyers)
        [booking] = of_kind(answers, Booking)
        assert len(of_kind(answers, SeatTaken)) == 19
        owners = [buyer for buyer in buyers if queries.sales.bookings(buyer, None, ALL).total]
        assert owners == [booking.customer]

    def test_every_seat_has_one_buyer_and_every_confirmed_booking_is_stored(
        self, transactions, queries, sales, show
    ):
        """Sixteen buyers repeatedly book one to three of fifty seats in random order."""
        buyers = [register(transactions, f"buyer-{turn}") for turn in range(16)]

        def buy(buyer):
            draw = random.Random(buyer)
            choices = [draw.sample(show.plan.numbers, draw.randint(1, 3)) for _ in range(8)]
            return [answer(sales.book, show.id, seats, buyer) for seats in choices]

        responses = dict(zip(buyers, all_at_once(buy, buyers), strict=True))
        sold: Counter[int] = Counter()
        for buyer, answers in responses.items():
            bookings = of_kind(answers, Booking)
            assert len(bookings) + len(of_kind(answers, SeatTaken | ShowFull)) == len(answers)
            assert list(queries.sales.bookings(buyer, None, ALL).items) == bookings[::-1]
            sold.update(seat.number for booking in bookings for seat in booking.seats)
        assert set(sold.values()) == {1}
        assert sorted(sold) == booked(queries, show.id)

    def test_concurrent_bookings_and_cancellations_leave_one_owner(
        self, transactions, queries, sales, show
    ):
        buyers = [register(transactions, f"buyer-{turn}") for turn in range(8)]

        def buy_and_cancel(buyer):
            """Cancel twice: a repeated cancellation must not free another buyer's seat."""
            actor = Actor(buyer, Role.CUSTOMER)
            for _ in range(4):
                booking = answer(sales.book, show.id, [1, 2], buyer)
                if isinstance(booking, Booking):
                    all_at_once(lambda mine: sales.cancel(show.id, mine, actor), [booking.id] * 2)
            return answer(sales.book, show.id, [1, 2], buyer)

        last = of_kind(all_at_once(buy_and_cancel, buyers), Booking)
        assert len(last) <= 1
        assert booked(queries, show.id) == [1, 2] * len(last)
        assert [queries.sales.booking(booking.id) for booking in last] == last

    def test_one_of_several_concurrent_sign_ups_gets_the_username(self, transactions, queries):
        accounts = account_service(transactions, queries)
        names = ["maria", "MARIA", "Maria", "mAria", "maRia", "marIa", "mariA", "MariA"]
        answers = all_at_once(lambda name: accounts.sign_up(name, PASSWORD), names)
        assert len(of_kind(answers, UsernameTaken)) == 7
        assert queries.accounts.account_named("maria") in answers

    def test_one_of_several_concurrent_calls_adds_the_screen(self, transactions, queries):
        screens = ScreenService(transactions)
        answers = all_at_once(lambda name: screens.add(a_screen(name)), ["Cellar", "CELLAR"] * 4)
        assert len(of_kind(answers, ScreenNameTaken)) == 7
        assert queries.programme.screens(ALL).total == 1

    def test_one_refresh_token_used_many_times_at_once_has_one_successor(
        self, transactions, queries
    ):
        accounts = account_service(transactions, queries)
        sessions = session_service(transactions, queries)
        maria = accounts.sign_up("maria", PASSWORD)
        session = sessions.log_in("maria", PASSWORD, ADDRESS).session
        answers = all_at_once(lambda _: sessions.renew(maria.id, session.id, 1), range(8))
        assert [renewed.session.generation for renewed in answers] == [2] * 8
        assert len({renewed.session for renewed in answers}) == 1
