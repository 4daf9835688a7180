"""What the box office refuses, and why.

Seven kinds say what sort of refusal it is; each rule is a leaf of one of them with a stable
``code`` that clients may rely on. ``facts`` say what a client needs to go on: the seats that are
gone, the field that is wrong.
"""

from collections.abc import Mapping
from math import ceil
from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal. ``detail`` is for people, ``code`` and ``facts`` are for programs."""

    code: ClassVar[str]
    default: ClassVar[str] = ""

    def __init__(self, detail: str = "", **facts: Any) -> None:
        self.detail = detail or self.default
        self.facts = facts
        super().__init__(self.detail)


class NotFound(DomainError):
    """There is no such thing."""


class Invalid(DomainError):
    """What was asked makes no sense, whatever the state of the box office.

    ``field`` is what is wrong, where it is one thing.
    """

    field: ClassVar[str] = ""


class Conflict(DomainError):
    """What was asked makes sense, but not in the present state."""


class Forbidden(DomainError):
    """Known, but not allowed."""

    code = "forbidden"
    default = "You are not allowed to do this."


class Unauthorised(DomainError):
    """Not known, or no longer."""


class TooMany(DomainError):
    """Asked too often; ``facts["retry_after"]`` says how many seconds to wait."""


class Busy(DomainError):
    """The store cannot do this now; nothing was changed. ``repeatable`` is worth another try."""

    code = "busy"
    default = "The box office is busy. Nothing was changed; please try again."
    repeatable: ClassVar[bool] = True


class Unreachable(Busy):
    """The store does not answer anybody, whatever is asked of it."""


class StorageFull(Busy):
    """The disk is full or read-only, which another try will not change."""

    repeatable = False


class NotReady(Busy):
    """The store lacks what this version of the software needs."""

    code = "not_ready"
    default = "The database wants `ticketing migrate`."
    repeatable = False


class OutcomeUnknown(Busy):
    """The store's answer to a commit was lost: the change may stand or not."""

    code = "outcome_unknown"
    default = "The outcome of this request is not known. Look before you repeat it."
    repeatable = False


class InvalidFields(Invalid):
    """Fields that break their rules; ``facts["errors"]`` names each with its faults."""

    code = "validation_failed"
    default = "Some fields are not valid."

    def __init__(self, **faults: str) -> None:
        super().__init__(errors={field: [fault] for field, fault in faults.items()})

    @classmethod
    def naming(cls, errors: Mapping[str, Any]) -> "InvalidFields":
        """With the faults of each field, several or nested ones too."""
        refusal = cls()
        refusal.facts["errors"] = dict(errors)
        return refusal


def refuse_faults(**faults: str | None) -> None:
    """Raise one InvalidFields that names every field whose fault is not None."""
    if found := {field: fault for field, fault in faults.items() if fault is not None}:
        raise InvalidFields(**found)


# --- the programme


class MovieNotFound(NotFound):
    code = "movie_not_found"
    default = "There is no such movie."


class ScreenNotFound(NotFound):
    code = "screen_not_found"
    default = "There is no such screen."


class ShowNotFound(NotFound):
    code = "show_not_found"
    default = "There is no such show."


class ScreenNameTaken(Conflict):
    code = "screen_name_taken"
    default = "There is a screen of this name already."


class ShowHasBookings(Conflict):
    code = "show_has_bookings"
    default = "What has bookings can neither be deleted nor moved."


class ShowOverlaps(Conflict):
    code = "show_overlaps"
    default = "Another show is on this screen at that time, or it is being cleaned."


class ShowCancelled(Conflict):
    code = "show_cancelled"
    default = "This show was cancelled."


# --- sales


class UnknownSeat(Invalid):
    code = "unknown_seat"
    field = "seats"


class SeatNamedTwice(Invalid):
    code = "seat_named_twice"
    field = "seats"


class SalesClosed(Conflict):
    code = "sales_closed"
    default = "Sales for this show have ended."


class ShowFull(Conflict):
    code = "show_full"
    default = "This show is sold out."


class SeatTaken(Conflict):
    code = "seat_taken"
    default = "Seat already booked"


class SeatLimit(Conflict):
    code = "seat_limit"

    def __init__(self, limit: int, held: int) -> None:
        detail = f"An account may have {limit} seats for a show; this one has {held} already."
        super().__init__(detail, limit=limit, held=held)


class IdempotencyKeyReused(Invalid):
    code = "idempotency_key_reused"
    field = "Idempotency-Key"
    default = "This key was used for another request."


class BookingNotFound(NotFound):
    code = "booking_not_found"
    default = "There is no such booking."


class ShowStarted(Conflict):
    code = "show_started"
    default = "The show has started: its bookings can no longer be cancelled."


# --- accounts


class AccountNotFound(NotFound):
    code = "account_not_found"
    default = "There is no such user."


class UsernameTaken(Conflict):
    code = "username_taken"
    default = "This username is taken."


class EmailTaken(Conflict):
    code = "email_taken"
    default = "This e-mail address belongs to another account."


class BadCredentials(Unauthorised):
    code = "bad_credentials"
    default = "Unknown user or wrong password."


class TooManyAttempts(TooMany):
    code = "too_many_attempts"

    def __init__(self, retry_after: int) -> None:
        minutes = ceil(retry_after / 60)
        detail = f"There were too many attempts. Please wait {minutes} min."
        super().__init__(detail, retry_after=retry_after)


class WrongPassword(Invalid):
    code = "wrong_password"
    field = "current_password"
    default = "This is not the present password."


class ResetTokenInvalid(Invalid):
    code = "reset_token_invalid"
    field = "token"
    default = "This link is not valid, was used before, or is too old. Please ask for another."


class TokenInvalid(Unauthorised):
    code = "token_invalid"
    default = "This token is not valid."


class TokenExpired(Unauthorised):
    code = "token_expired"
    default = "This token has expired."


class TokenMissing(Unauthorised):
    code = "token_missing"
    default = "An access token is wanted."


class TokenRevoked(Unauthorised):
    code = "token_revoked"
    default = "This session has ended. Please log in again."
