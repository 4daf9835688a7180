"""The requests of customers and the responses to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.integration.running_server import Answer
from ticketing.domain.accounts.account import AccountId

LOST = "lost"
"""Instead of a response: the connection broke, and the outcome is unknown."""

STATUSES = {
    "unknown_seat": 422,
    "seat_taken": 409,
    "seat_held": 409,
    "hold_at_limit": 409,
    "hold_expired": 409,
    "hold_lost": 409,
    "hold_released": 409,
    "show_full": 409,
    "sales_closed": 409,
    "show_started": 409,
    "busy": 503,
    "outcome_unknown": 503,
}
"""The documented refusals that these customers may get."""


def outcome_of(answer: Answer | None) -> str:
    """Return LOST, the status of a success, or the code of a documented refusal."""
    if answer is None:
        return LOST
    if answer.status < 400:
        return str(answer.status)
    assert answer.headers["Content-Type"] == "application/problem+json", answer
    code = str(answer.json["code"])
    assert STATUSES.get(code) == answer.status == answer.json["status"], answer.body
    assert (answer.status == 503) == ("Retry-After" in answer.headers), answer.headers
    return code


def is_replay(answer: Answer) -> bool:
    return answer.headers["Idempotent-Replayed"] == "true"


class Outcome(Enum):
    """The outcome of a request as far as the customer knows."""

    NOT_DONE = "not done"
    DONE = "done"
    UNKNOWN = "unknown"


@dataclass
class BookingRequest:
    """Seats that a customer requested, perhaps of a hold or with a key, and the responses."""

    customer: AccountId
    seats: tuple[int, ...]
    key: str | None
    booked: Outcome = Outcome.NOT_DONE
    confirmation: Answer | None = field(default=None, repr=False)
    cancelled: Outcome = Outcome.NOT_DONE
    cancellation: Answer | None = field(default=None, repr=False)
    hold: str | None = None

    @property
    def booking(self) -> Any:
        """The booking as it was confirmed."""
        assert self.confirmation is not None
        return self.confirmation.json

    @property
    def is_active(self) -> bool:
        """Whether the booking is certainly active."""
        return self.booked is Outcome.DONE and self.cancelled is Outcome.NOT_DONE

    @property
    def can_be_resolved(self) -> bool:
        """Whether a retry reveals the outcome without a second effect."""
        return self.key is not None and self.booked is Outcome.UNKNOWN

    def record_booking(self, answer: Answer | None) -> None:
        match outcome_of(answer):
            case "201":
                assert answer is not None
                self._confirmed(answer)
            case "busy":
                pass  # this request changed nothing
            case "lost" | "outcome_unknown":
                if self.booked is Outcome.NOT_DONE:
                    self.booked = Outcome.UNKNOWN
            case refusal:
                assert self.booked is not Outcome.DONE, (
                    f"{self} was confirmed, but a repeat is refused: {refusal}"
                )
                self.booked = Outcome.NOT_DONE

    def _confirmed(self, answer: Answer) -> None:
        if self.confirmation is not None:
            assert is_replay(answer), f"{self} was executed twice: {answer.body!r}"
            assert answer.body == self.confirmation.body
            assert answer.headers["Location"] == self.confirmation.headers["Location"]
            return
        assert self.booked is Outcome.UNKNOWN or not is_replay(answer), answer.headers
        self.booked, self.confirmation = Outcome.DONE, answer
        assert seats_of(self.booking) == self.seats, (self, answer.body)
        assert self.booking["status"] == "BOOKED"
        assert answer.headers["Location"].endswith(f"/api/bookings/{self.booking['id']}")

    def record_cancellation(self, answer: Answer | None) -> None:
        match outcome_of(answer):
            case "200":
                assert answer is not None
                first = self.cancellation = self.cancellation or answer
                assert answer.json == first.json
                assert answer.json["status"] == "CANCELLED"
                assert answer.json["id"] == self.booking["id"]
                self.cancelled = Outcome.DONE
            case "busy":
                pass
            case "lost" | "outcome_unknown":
                if self.cancelled is Outcome.NOT_DONE:
                    self.cancelled = Outcome.UNKNOWN
            case refusal:
                assert refusal == "show_started", refusal
                assert self.cancelled is not Outcome.DONE, (
                    f"{self} was cancelled, but a repeat is refused"
                )
                self.cancelled = Outcome.NOT_DONE


def seats_of(booking: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(seat["number"] for seat in booking["seats"])
