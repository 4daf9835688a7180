"""Values of a JSON or TOML document: each knows its JSON pointer, and reports what is wrong."""

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from ticketing.domain.programme.seat_plans.faults import Findings
from ticketing.domain.programme.seat_plans.names import MAX_NAME, name_fault
from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS

MAX_COORDINATE = 1_000_000
MAX_LISTED = 10
MAX_OBJECTS = 6 * MAX_SEATS
"""In a document; a room of single seats, in pretix's format, has four for each seat."""

_COLOR = re.compile("#(?:[0-9a-fA-F]{3}){1,2}")


class Node:
    """A value at a place. Reading it as a wrong type is a fault, and gives a valid value."""

    __slots__ = ("findings", "value", "where")

    def __init__(self, value: Any, where: str, findings: Findings) -> None:
        self.value = value
        self.where = where
        self.findings = findings

    def fault(self, fault: str) -> None:
        self.findings.fault(self.where, fault)

    def fields(
        self, required: Collection[str], optional: Collection[str] = ()
    ) -> "dict[str, Node] | None":
        """Return the fields of an object that are present, or None if it cannot be read.

        Raises InvalidPlan, with the faults found so far, for a document that is much too large.
        """
        self.findings.objects += 1
        if self.findings.objects > MAX_OBJECTS:
            self.fault(f"A plan has at most {MAX_OBJECTS} objects.")
            self.findings.refuse_faults()
        if not isinstance(self.value, dict):
            self.fault("An object is required.")
            return None
        found = {}
        for key, value in self.value.items():
            if key in required or key in optional:
                found[key] = Node(value, f"{self.where}/{key}", self.findings)
            else:
                known = f"Unknown field. Known are {', '.join((*required, *optional))}."
                self.findings.fault(f"{self.where}/{_escaped(key)}", known)
        missing = [key for key in required if key not in found]
        for key in missing:
            self.findings.fault(f"{self.where}/{key}", "This field is required.")
        return None if missing else found

    def items(self) -> "Iterator[Node]":
        """Yield the values of a list."""
        if not isinstance(self.value, list):
            self.fault("A list is required.")
            return
        for index, value in enumerate(self.value):
            yield Node(value, f"{self.where}/{index}", self.findings)

    def text(self) -> str:
        if isinstance(self.value, str):
            return self.value
        self.fault("A string is required.")
        return ""

    def name(self, max_length: int = MAX_NAME) -> str:
        """Return a name; another one, of the same length, for an invalid one."""
        if not isinstance(self.value, str):
            self.fault("A string is required.")
        elif fault := name_fault(self.value, max_length):
            self.fault(fault)
        else:
            return self.value
        return self.where

    def color(self) -> str:
        if isinstance(self.value, str) and _COLOR.fullmatch(self.value):
            return self.value
        self.fault("A color is #rgb or #rrggbb.")
        return ""

    def one_of(self, choices: Collection[str]) -> str:
        """Return one of the ``choices``; the first of them, if any, for another value."""
        if isinstance(self.value, str) and self.value in choices:
            return self.value
        listed = ", ".join(f"'{choice}'" for choice in islice(choices, MAX_LISTED))
        self.fault(f"One of {listed} is required.")
        return next(iter(choices), "")

    def integer(self, low: int, high: int) -> int:
        is_integer = isinstance(self.value, int) and not isinstance(self.value, bool)
        if is_integer and low <= self.value <= high:
            return int(self.value)
        self.fault(f"A whole number from {low} to {high} is required.")
        return low

    def number(self, low: int = -MAX_COORDINATE, high: int = MAX_COORDINATE) -> float:
        is_number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        if is_number and low <= self.value <= high:  # NaN is not
            return float(self.value)
        self.fault(f"A number from {low} to {high} is required.")
        return low

    def point(self) -> tuple[float, float]:
        """Return the coordinates of a list ``[x, y]``."""
        if isinstance(self.value, list) and len(self.value) == 2:
            x, y = (node.number() for node in self.items())
            return x, y
        self.fault("A list of two numbers, [x, y], is required.")
        return 0.0, 0.0


def _escaped(key: object) -> str:
    """Return a key as part of a JSON pointer."""
    shown = str(key)[:40].encode("unicode_escape").decode()
    return shown.replace("~", "~0").replace("/", "~1")
