"""Refusals about selling and cancelling seats."""

from collections.abc import Sequence
from datetime import datetime

from ticketing.domain.errors import Conflict, Invalid, NotFound, TooMany


class SalesClosed(Conflict):
    code = "sales_closed"
    default = "Sales for this show have ended."


class ShowFull(Conflict):
    code = "show_full"
    default = "This show is sold out."


class SeatTaken(Conflict):
    code = "seat_taken"
    default = "Seat already booked"


class SeatHeld(Conflict):
    """The last of the ``seats`` may be free at ``held_until``. ``hold`` is one's own with them."""

    code = "seat_held"
    default = "Seat held by another customer"

    def __init__(self, seats: Sequence[str], held_until: datetime, hold: str | None = None) -> None:
        detail = "Seat held by yourself" if hold else ""
        own = {"hold": hold} if hold else {}
        super().__init__(detail, seats=seats, held_until=held_until, **own)


class SeatLimit(Conflict):
    code = "seat_limit"

    def __init__(self, limit: int, held: int) -> None:
        included = "including those that it holds or waits for"
        detail = f"An account may have {limit} seats for a show; this one has {held}, {included}."
        super().__init__(detail, limit=limit, held=held)


class IdempotencyKeyReused(Invalid):
    code = "idempotency_key_reused"
    field = "Idempotency-Key"
    default = "This key was used for another request."


class TooManyKeys(TooMany):
    code = "too_many_idempotency_keys"

    def __init__(self, limit: int, retry_after: int) -> None:
        detail = f"This booking has {limit} idempotency keys already: repeat one of them."
        super().__init__(detail, limit=limit, retry_after=retry_after)


class BookingNotFound(NotFound):
    code = "booking_not_found"
    default = "There is no such booking."


class ShowStarted(Conflict):
    code = "show_started"
    default = "The show has started: its bookings can no longer be cancelled."


class NoSeats(Conflict):
    """Best available found no seats; ``facts`` has the numbers of seats that the filter selects."""

    code = "no_seats"
    default = "There are no such seats for that many people."

    def __init__(self, *, available: int, held: int, largest_block: int) -> None:
        super().__init__(available=available, held=held, largest_block=largest_block)


class CompanionSeat(Conflict):
    code = "companion_seat"
    default = "A companion seat is sold together with one of its wheelchair spaces."


class OrphanSeat(Conflict):
    code = "orphan_seat"
    default = "Your choice leaves a single seat alone. Please choose other seats."


class HoldNotFound(NotFound):
    code = "hold_not_found"
    default = "There is no such hold."


class HoldExpired(Conflict):
    code = "hold_expired"
    default = "This hold has expired."


class HoldReleased(Conflict):
    code = "hold_released"
    default = "This hold was released."


class HoldBooked(Conflict):
    """``facts["booking"]`` is the booking's id."""

    code = "hold_booked"
    default = "This hold was booked."


class HoldIsOffer(Conflict):
    code = "hold_is_offer"
    default = "The seats of an offer cannot be changed."


class HoldLost(Conflict):
    """``facts["seats"]`` are those that someone else took since the hold expired."""

    code = "hold_lost"
    default = "This hold has expired, and others took its seats."


class HoldAtLimit(Conflict):
    """``facts["retry_after"]`` is given where a new hold is possible later: in so many seconds."""

    code = "hold_at_limit"
    default = "Seats cannot be held any longer."
