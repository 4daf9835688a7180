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
    "show_full": 409,
    "sales_closed": 409,
    "show_started": 409,
    "busy": 503,
    "outcome_unknown": 503,
}
"""The documented refusals that these customers may get."""


def said(answer: Answer | None) -> str:
    """LOST, the status of a success, or the code of a refusal, which must be a documented one."""
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


class Known(Enum):
    """What a customer knows of a request: it took effect, or not, or unknown."""

    NOT_DONE = "not done"
    DONE = "done"
    UNKNOWN = "unknown"


@dataclass
class Wish:
    """Seats that a customer requested, perhaps with a key, and the responses."""

    customer: AccountId
    seats: tuple[int, ...]
    key: str | None
    booked: Known = Known.NOT_DONE
    confirmation: Answer | None = field(default=None, repr=False)
    cancelled: Known = Known.NOT_DONE
    cancellation: Answer | None = field(default=None, repr=False)

    @property
    def booking(self) -> Any:
        """As it was confirmed."""
        assert self.confirmation is not None
        return self.confirmation.json

    @property
    def is_active(self) -> bool:
        """For sure."""
        return self.booked is Known.DONE and self.cancelled is Known.NOT_DONE

    @property
    def can_be_known(self) -> bool:
        """Whether a retry reveals the outcome without a second effect."""
        return self.key is not None and self.booked is Known.UNKNOWN

    def told_of_booking(self, answer: Answer | None) -> None:
        match said(answer):
            case "201":
                assert answer is not None
                self._confirmed(answer)
            case "busy":
                pass  # this request changed nothing
            case "lost" | "outcome_unknown":
                if self.booked is Known.NOT_DONE:
                    self.booked = Known.UNKNOWN
            case refusal:
                assert self.booked is not Known.DONE, f"{self} was done, and is refused: {refusal}"
                self.booked = Known.NOT_DONE

    def _confirmed(self, answer: Answer) -> None:
        if self.confirmation is not None:
            assert is_replay(answer), f"{self} is done again: {answer.body!r}"
            assert answer.body == self.confirmation.body
            assert answer.headers["Location"] == self.confirmation.headers["Location"]
            return
        assert self.booked is Known.UNKNOWN or not is_replay(answer), answer.headers
        self.booked, self.confirmation = Known.DONE, answer
        assert seats_of(self.booking) == self.seats, (self, answer.body)
        assert self.booking["status"] == "BOOKED"
        assert answer.headers["Location"].endswith(f"/api/bookings/{self.booking['id']}")

    def told_of_cancellation(self, answer: Answer | None) -> None:
        match said(answer):
            case "200":
                assert answer is not None
                first = self.cancellation = self.cancellation or answer
                assert answer.json == first.json
                assert answer.json["status"] == "CANCELLED"
                assert answer.json["id"] == self.booking["id"]
                self.cancelled = Known.DONE
            case "busy":
                pass
            case "lost" | "outcome_unknown":
                if self.cancelled is Known.NOT_DONE:
                    self.cancelled = Known.UNKNOWN
            case refusal:
                assert refusal == "show_started", refusal
                assert self.cancelled is not Known.DONE, f"{self} was cancelled, and is refused"
                self.cancelled = Known.NOT_DONE


def seats_of(booking: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(seat["number"] for seat in booking["seats"])
