"""A customer whose requests are chosen at random."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from secrets import token_hex

from tests.integration.faults.http_connection import TIMEOUT_SECONDS, HttpConnection
from tests.integration.faults.invariants import StoredBooking, check_responses
from tests.integration.faults.ledger import BookingRequest, Outcome, is_replay, outcome_of, seats_of
from tests.integration.faults.on_sale import SEATS, Customer
from tests.integration.running_server import Answer
from ticketing.domain.programme.show import ShowId


class Client:
    """Records its requests and responses, and fails at once if they contradict each other."""

    def __init__(
        self,
        port: int,
        customer: Customer,
        show_id: ShowId,
        draw: Random,
        on_outcome: Callable[[str], None],
    ) -> None:
        self.requests: list[BookingRequest] = []
        self._line, self._second_line = (
            HttpConnection(port, customer.token, on_outcome) for _ in range(2)
        )
        self._customer = customer
        self._show = f"/api/shows/{show_id}"
        self._draw = draw

    def close(self) -> None:
        self._line.close()
        self._second_line.close()

    def send_random_request(self) -> None:
        """Send one random request."""
        actions = [
            self._book_random_seats,
            self._double_click,
            self._cancel_any,
            self._repeat_any,
            self._check_bookings,
        ]
        [action] = self._draw.choices(actions, [8, 2, 6, 3, 2])
        action()

    def _book_random_seats(self) -> None:
        request = self._new_request(self._draw.choice([None, token_hex(8), token_hex(8)]))
        request.record_booking(self._ask(self._line, request))

    def _double_click(self) -> None:
        request = self._new_request(token_hex(8))
        with ThreadPoolExecutor(2) as threads:
            lines = (self._line, self._second_line)
            answers = list(threads.map(lambda line: self._ask(line, request), lines))
        for answer in sorted(answers, key=_order_of_effects):
            request.record_booking(answer)

    def _cancel_any(self) -> None:
        if mine := [request for request in self.requests if request.is_active]:
            self.cancel(self._draw.choice(mine))

    def _repeat_any(self) -> None:
        """Send a request for a booking or a cancellation."""
        if mine := [request for request in self.requests if request.key]:
            request = self._draw.choice(mine)
            if request.cancelled is Outcome.NOT_DONE or self._draw.randrange(2):
                self.repeat(request)
            else:
                self.cancel(request)

    def _check_bookings(self) -> None:
        mine = self._line.call("GET", "/api/my-bookings?page_size=1000")
        if mine is not None and mine.status == 200:
            assert mine.json["next"] is None
            check_responses(
                self.requests, [self._stored(booking) for booking in mine.json["results"]]
            )
        sold = self.sold()
        own = {number for request in self.requests if request.is_active for number in request.seats}
        assert sold is None or own <= sold, f"confirmed, and free on the map: {own - sold}"

    def sold(self) -> set[int] | None:
        """Return the sold seats of the seat map; None if it is not available now."""
        answer = self._line.call("GET", f"{self._show}/seats")
        if answer is None or answer.status == 503:
            return None
        assert answer.status == 200
        seats = {seat["number"]: seat["status"] for seat in answer.json["seats"]}
        free = [number for number, status in seats.items() if status == "AVAILABLE"]
        assert (len(free), len(seats)) == (answer.json["available_seats"], SEATS)
        return {number for number, status in seats.items() if status == "BOOKED"}

    def book(self, seats: list[int]) -> str:
        """Book exactly these seats; return the response."""
        request = BookingRequest(self._customer.account_id, tuple(seats), None)
        self.requests.append(request)
        answer = self._ask(self._line, request)
        request.record_booking(answer)
        return outcome_of(answer)

    def cancel_all(self) -> None:
        for request in self.requests:
            if request.is_active:
                self.cancel(request)

    def cancel(self, request: BookingRequest) -> None:
        path = f"/api/bookings/{request.booking['id']}/cancel"
        request.record_cancellation(self._line.call("POST", path, key=request.key))

    def repeat(self, request: BookingRequest) -> None:
        request.record_booking(self._ask(self._line, request))

    def settle(self) -> None:
        """Repeat each request with a key until its outcome is known."""
        for request in self.requests:
            if request.key is not None and request.booked is not Outcome.NOT_DONE:
                self.repeat(request)
            deadline = time.monotonic() + TIMEOUT_SECONDS
            while request.can_be_resolved:
                assert time.monotonic() < deadline, f"{request} is not answered"
                self.repeat(request)
        self._check_bookings()

    def _new_request(self, key: str | None) -> BookingRequest:
        seats = self._draw.sample(range(1, SEATS + 1), self._draw.randint(1, 4))
        if not self._draw.randrange(20):
            seats[0] = SEATS + 1  # a seat that does not exist
        self.requests.append(BookingRequest(self._customer.account_id, tuple(sorted(seats)), key))
        return self.requests[-1]

    def _ask(self, line: HttpConnection, request: BookingRequest) -> Answer | None:
        if request.hold:
            return line.call("POST", f"/api/holds/{request.hold}/book", key=request.key)
        return line.call("POST", f"{self._show}/book", {"seats": request.seats}, request.key)

    def _stored(self, booking: dict[str, object]) -> StoredBooking:
        number, is_active = booking["id"], booking["status"] == "BOOKED"
        assert isinstance(number, int)
        return StoredBooking(number, self._customer.account_id, seats_of(booking), is_active)


def _order_of_effects(answer: Answer | None) -> int:
    """Order concurrent responses: refusals, unknown outcomes, the success, its replays."""
    if answer is None or answer.status == 503:
        return 1
    return 0 if answer.status >= 400 else 2 + is_replay(answer)
