"""A customer who holds seats, and books some of the holds: those that expire are lost or booked."""

import time
from secrets import token_hex
from typing import Any

from tests.integration.faults.client import Client
from tests.integration.faults.http_connection import TIMEOUT_SECONDS
from tests.integration.faults.ledger import LOST, BookingRequest, outcome_of, seats_of
from tests.integration.faults.on_sale import SEATS
from tests.integration.running_server import Answer

MAX_HOLDS = 2


class HoldingClient(Client):
    """It books no seats by name, which would take them from its holds."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._holds: dict[str, tuple[int, ...]] = {}
        """The seats of each hold, as far as they are known."""

    def send_random_request(self) -> None:
        actions = [
            self._hold_random_seats,
            self._change_hold,
            self._extend_hold,
            self._release_hold,
            self._book_hold,
            self._cancel_any,
            self._repeat_any,
            self._check_bookings,
        ]
        [action] = self._draw.choices(actions, [8, 2, 2, 1, 6, 4, 2, 1])
        action()

    def settle(self) -> None:
        super().settle()
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while active := self._active_holds():
            assert time.monotonic() < deadline, f"{active} are not released"
            for hold_id in active:
                self._line.call("DELETE", f"/api/holds/{hold_id}")

    def _hold_random_seats(self) -> None:
        if len(self._holds) < MAX_HOLDS:
            seats = self._random_seats()
            answer = self._line.call("POST", f"{self._show}/holds", {"seats": seats})
            if answer and outcome_of(answer) == "201":
                assert seats_of(answer.json) == seats
                self._holds[answer.json["id"]] = seats

    def _change_hold(self) -> None:
        seats = self._random_seats()
        if hold_id := self._any_hold():
            answer = self._line.call("PATCH", f"/api/holds/{hold_id}", {"seats": seats})
            match outcome_of(answer):
                case "200":
                    assert answer and seats_of(answer.json) == seats
                    self._holds[hold_id] = seats
                case "lost" | "outcome_unknown":
                    del self._holds[hold_id]

    def _extend_hold(self) -> None:
        if hold_id := self._any_hold():
            answer = self._line.call("POST", f"/api/holds/{hold_id}/extend")
            if answer and answer.status == 200:
                assert seats_of(answer.json) == self._holds[hold_id]

    def _release_hold(self) -> None:
        if hold_id := self._any_hold():
            answer = self._line.call("DELETE", f"/api/holds/{hold_id}")
            assert outcome_of(answer) in ("204", "busy", "outcome_unknown", LOST)
            if answer and answer.status == 204:
                del self._holds[hold_id]

    def _book_hold(self) -> None:
        if hold_id := self._any_hold():
            seats = self._holds.pop(hold_id)
            request = BookingRequest(self._customer.account_id, seats, token_hex(8), hold=hold_id)
            self.requests.append(request)
            self.repeat(request)

    def _any_hold(self) -> str | None:
        return self._draw.choice([*self._holds]) if self._holds else None

    def _random_seats(self) -> tuple[int, ...]:
        return tuple(sorted(self._draw.sample(range(1, SEATS + 1), self._draw.randint(1, 3))))

    def _active_holds(self) -> list[str]:
        mine: Answer | None = None
        while mine is None or mine.status == 503:
            mine = self._line.call("GET", "/api/my-holds?page_size=1000")
        return [hold["id"] for hold in mine.json["results"] if hold["status"] == "ACTIVE"]
