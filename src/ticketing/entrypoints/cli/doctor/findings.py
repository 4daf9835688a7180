"""What a check finds, and how to fix it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """``remedy`` is what to do, empty if there is nothing to do."""

    severity: Severity
    area: str
    message: str
    remedy: str = ""


def ok(area: str, message: str) -> Finding:
    return Finding(Severity.OK, area, message)


def warning(area: str, message: str, remedy: str) -> Finding:
    return Finding(Severity.WARNING, area, message, remedy)


def fault(area: str, message: str, remedy: str) -> Finding:
    return Finding(Severity.FAULT, area, message, remedy)
