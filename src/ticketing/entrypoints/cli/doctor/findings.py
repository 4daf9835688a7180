"""What a check finds, and how to fix it."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial


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


ok = partial(Finding, Severity.OK)
warning = partial(Finding, Severity.WARNING)
fault = partial(Finding, Severity.FAULT)
