"""A customer whose requests are chosen at random."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from secrets import token_hex

from tests.integration.faults.http_connection import TIMEOUT_SECONDS, HttpConnection
from tests.integration.faults.invariants import KeptBooking, check_told
from tests.integration.faults.ledger import Known, Wish, is_replay, said, seats_of
from tests.integration.faults.on_sale import SEATS, Customer
from tests.integration.running_server import Answer
from ticketing.domain.programme.show import ShowId


class Client:
    """Keeps requests and responses in ``wishes``; a contradiction fails at once."""

    def __init__(
        self,
        port: int,
        customer: Customer,
        show_id: ShowId,
        draw: Random,
        tell: Callable[[str], None],
    ) -> None:
        self.wishes: list[Wish] = []
        self._line, self._second_line = (
            HttpConnection(port, customer.token, tell) for _ in range(2)
        )
        self._customer = customer
        self._show = f"/api/shows/{show_id}"
        self._draw = draw

    def close(self) -> None:
        self._line.close()
        self._second_line.close()

    def acts(self) -> None:
        """Send one random request."""
        acts = [self._books, self._double_clicks, self._cancels, self._repeats, self._looks]
        [act] = self._draw.choices(acts, [8, 2, 6, 3, 2])
        act()

    def _books(self) -> None:
        wish = self._wish(self._draw.choice([None, token_hex(8), token_hex(8)]))
        wish.told_of_booking(self._ask(self._line, wish))

    def _double_clicks(self) -> None:
        wish = self._wish(token_hex(8))
        with ThreadPoolExecutor(2) as hands:
            lines = (self._line, self._second_line)
            answers = list(hands.map(lambda line: self._ask(line, wish), lines))
        for answer in sorted(answers, key=_likeliest_course):
            wish.told_of_booking(answer)

    def _cancels(self) -> None:
        if mine := [wish for wish in self.wishes if wish.is_active]:
            self.cancel(self._draw.choice(mine))

    def _repeats(self) -> None:
        """Send a request for a booking or a cancellation."""
        if mine := [wish for wish in self.wishes if wish.key]:
            wish = self._draw.choice(mine)
            if wish.cancelled is Known.NOT_DONE or self._draw.randrange(2):
                self.repeat(wish)
            else:
                self.cancel(wish)

    def _looks(self) -> None:
        mine = self._line.call("GET", "/api/my-bookings?page_size=1000")
        if mine is not None and mine.status == 200:
            assert mine.json["next"] is None
            check_told(self.wishes, [self._kept(booking) for booking in mine.json["results"]])
        sold = self.sold()
        own = {number for wish in self.wishes if wish.is_active for number in wish.seats}
        assert sold is None or own <= sold, f"confirmed, and free on the map: {own - sold}"

    def sold(self) -> set[int] | None:
        """Return the sold seats of the seat map; None if it is not available now."""
        answer = self._line.call("GET", f"{self._show}/seats")
        if answer is None or answer.status == 503:
            return None
        assert answer.status == 200
        seats = {seat["number"]: seat["status"] for seat in answer.json["seats"]}
        sold = {number for number, status in seats.items() if status == "BOOKED"}
        assert len(sold) + answer.json["available_seats"] == len(seats) == SEATS
        return sold

    def book(self, seats: list[int]) -> str:
        """Book exactly these seats; return the response."""
        wish = Wish(self._customer.account_id, tuple(seats), None)
        self.wishes.append(wish)
        answer = self._ask(self._line, wish)
        wish.told_of_booking(answer)
        return said(answer)

    def give_all_back(self) -> None:
        for wish in self.wishes:
            if wish.is_active:
                self.cancel(wish)

    def cancel(self, wish: Wish) -> None:
        path = f"/api/bookings/{wish.booking['id']}/cancel"
        wish.told_of_cancellation(self._line.call("POST", path, key=wish.key))

    def repeat(self, wish: Wish) -> None:
        wish.told_of_booking(self._ask(self._line, wish))

    def settle(self) -> None:
        """Repeat each request with a key until its outcome is known."""
        for wish in self.wishes:
            if wish.key is not None and wish.booked is not Known.NOT_DONE:
                self.repeat(wish)
            deadline = time.monotonic() + TIMEOUT_SECONDS
            while wish.can_be_known:
                assert time.monotonic() < deadline, f"{wish} is not answered"
                self.repeat(wish)
        self._looks()

    def _wish(self, key: str | None) -> Wish:
        seats = self._draw.sample(range(1, SEATS + 1), self._draw.randint(1, 4))
        if not self._draw.randrange(20):
            seats[0] = SEATS + 1  # which does not exist
        self.wishes.append(Wish(self._customer.account_id, tuple(sorted(seats)), key))
        return self.wishes[-1]

    def _ask(self, line: HttpConnection, wish: Wish) -> Answer | None:
        return line.call("POST", f"{self._show}/book", {"seats": wish.seats}, wish.key)

    def _kept(self, booking: dict[str, object]) -> KeptBooking:
        number, is_active = booking["id"], booking["status"] == "BOOKED"
        assert isinstance(number, int)
        return KeptBooking(number, self._customer.account_id, seats_of(booking), is_active)


def _likeliest_course(answer: Answer | None) -> int:
    """Order concurrent responses: refusals, unknown outcomes, the success, its replays."""
    if answer is None or answer.status == 503:
        return 1
    return 0 if answer.status >= 400 else 2 + is_replay(answer)
