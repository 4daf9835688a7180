"""The faults and warnings of a seat plan's source, each with its place."""

from ticketing.domain.errors import Invalid


class InvalidPlan(Invalid):
    """``facts["errors"]`` maps each place, a JSON pointer or a cell, to its faults."""

    code = "invalid_plan"
    field = "plan"
    default = "This seat plan is not valid."


class Findings:
    """What a reader found in one pass: faults refuse the plan, warnings do not.

    ``objects`` is how many objects of a document were read.
    """

    def __init__(self) -> None:
        self.faults: dict[str, list[str]] = {}
        self.warnings: dict[str, list[str]] = {}
        self.objects = 0

    def fault(self, where: str, fault: str) -> None:
        self.faults.setdefault(where, []).append(fault)

    def warn(self, where: str, warning: str) -> None:
        self.warnings.setdefault(where, []).append(warning)

    def refuse_faults(self) -> None:
        """Raise InvalidPlan with every fault."""
        if self.faults:
            raise InvalidPlan(errors=self.faults)
