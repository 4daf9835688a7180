"""What the box office refuses, and why.

Seven kinds say what sort of refusal it is; each rule is a leaf of one of them with a stable
``code`` that clients may rely on. ``facts`` say what a client needs to go on: the seats that are
gone, the field that is wrong.
"""

from collections.abc import Mapping
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
