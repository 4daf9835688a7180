"""The kinds of refusal.

Each rule has a subclass of one kind, with a stable ``code`` that clients may rely on. ``facts``
are what a client needs to continue: the seats that are taken, the field that is invalid.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal: ``detail`` is for users, ``code`` and ``facts`` are for programs."""

    code: ClassVar[str]
    default: ClassVar[str] = ""

    def __init__(self, detail: str = "", **facts: Any) -> None:
        self.detail = detail or self.default
        self.facts = facts
        super().__init__(self.detail)


class NotFound(DomainError):
    """The requested object does not exist."""


class Invalid(DomainError):
    """The request is invalid in every state of the box office.

    ``field`` is the invalid field, if it is a single one.
    """

    field: ClassVar[str] = ""


class Conflict(DomainError):
    """The request is valid, but not in the current state."""


class Forbidden(DomainError):
    """The account is known, but not allowed to do this."""

    code = "forbidden"
    default = "You are not allowed to do this."


class Unauthorised(DomainError):
    """The caller is not logged in, or no longer."""


class TooMany(DomainError):
    """Too many attempts; ``facts["retry_after"]`` is the seconds to wait."""


class Busy(DomainError):
    """The store cannot do this now; nothing was changed. Retry it only if ``repeatable``."""

    code = "busy"
    default = "The box office is busy. Nothing was changed; please try again."
    repeatable: ClassVar[bool] = True


class Locked(Busy):
    """Another transaction has locked what this one needs."""


class Overloaded(Busy):
    """As many requests as allowed do this already.

    It is not repeated here, because that would hold a thread; the client repeats it.
    """

    repeatable = False


class Unreachable(Busy):
    """The store cannot be reached."""


class StorageFull(Busy):
    """The disk is full or read-only; a retry does not help."""

    repeatable = False


class NotReady(Busy):
    """The schema is older than this version of the software requires."""

    code = "not_ready"
    default = "The database schema is out of date: run `ticketing migrate`."
    repeatable = False


class OutcomeUnknown(Busy):
    """The answer to a commit was lost: the change may have been made or not."""

    code = "outcome_unknown"
    default = "The outcome of this request is unknown. Check before you repeat it."
    repeatable = False


class InvalidFields(Invalid):
    """Invalid fields; ``facts["errors"]`` maps each to its faults."""

    code = "validation_failed"
    default = "Some fields are not valid."

    def __init__(self, **faults: str) -> None:
        super().__init__(errors={field: [fault] for field, fault in faults.items()})

    @classmethod
    def naming(cls, errors: Mapping[str, Any]) -> "InvalidFields":
        """Return a refusal with the faults of each field, also several or nested ones."""
        refusal = cls()
        refusal.facts["errors"] = dict(errors)
        return refusal


def root_cause(error: BaseException) -> str:
    """Return the first line of the first error of the chain: what a driver or the system reported.

    It is for the log and for operators, not for clients.
    """
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().partition("\n")[0]


def refuse_faults(**faults: str | None) -> None:
    """Raise InvalidFields for all fields whose fault is not None."""
    if found := {field: fault for field, fault in faults.items() if fault is not None}:
        raise InvalidFields(**found)
