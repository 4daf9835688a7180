"""What an examination finds, and what is to be done about it."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """A ``FAULT`` has to be put right; of a ``WARNING`` whoever operates this should know."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """``says`` is what was found; ``remedy`` what to do, where anything is to be done."""

    grade: Grade
    about: str
    says: str
    remedy: str = ""


def ok(about: str, says: str) -> Finding:
    return Finding(Grade.OK, about, says)


def warning(about: str, says: str, remedy: str) -> Finding:
    return Finding(Grade.WARNING, about, says, remedy)


def fault(about: str, says: str, remedy: str) -> Finding:
    return Finding(Grade.FAULT, about, says, remedy)
