"""Read a seat plan from a file or a document, whatever its format."""

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ticketing.domain.programme.seat_plans.assembly import seat_plan
from ticketing.domain.programme.seat_plans.csv_format import read_csv
from ticketing.domain.programme.seat_plans.document import Node
from ticketing.domain.programme.seat_plans.draft import Draft
from ticketing.domain.programme.seat_plans.faults import Findings, InvalidPlan
from ticketing.domain.programme.seat_plans.model import SeatPlan, Side
from ticketing.domain.programme.seat_plans.plan_format import read_plan
from ticketing.domain.programme.seat_plans.pretix import Identity, read_pretix

MAX_BYTES = 10 * 1024 * 1024
MAX_TOML_LINE = 1_000
"""Characters. The parser's time grows with the square of a dotted key's length."""


@dataclass(frozen=True, slots=True)
class PlanRead:
    """A plan, and what its source should be checked for, by place."""

    plan: SeatPlan
    warnings: Mapping[str, Sequence[str]]


def plan_from_document(
    document: Any, *, identity: Identity = "guid", stage: Side | None = None
) -> PlanRead:
    """Return the plan in a document of our format or of pretix's.

    Raises InvalidPlan with every fault, each at its JSON pointer.
    """
    findings = Findings()
    node = Node(document, "", findings)
    is_pretix = isinstance(document, dict) and "zones" in document
    return _built(read_pretix(node, identity) if is_pretix else read_plan(node), findings, stage)


def plan_from_file(
    content: bytes, suffix: str, *, identity: Identity = "guid", stage: Side | None = None
) -> PlanRead:
    """Return the plan in the content of a ``.toml``, ``.json`` or ``.csv`` file.

    Raises InvalidPlan with every fault, each at its JSON pointer or cell.
    """
    text = _decoded(content)
    if suffix == ".csv":
        findings = Findings()
        return _built(read_csv(text, findings), findings, stage)
    parsers: dict[str, tuple[str, Callable[[str], Any]]] = {
        ".toml": ("TOML", _parsed_toml),
        ".json": ("JSON", json.loads),
    }
    if suffix not in parsers:
        raise _refused(f"The file name must end in .csv, {' or '.join(parsers)}.")
    kind, parse = parsers[suffix]
    try:
        document = parse(text)
    except RecursionError:
        raise _refused("The nesting is too deep.") from None
    except ValueError as error:
        raise _refused(f"This is not {kind}: {error}") from None
    return plan_from_document(document, identity=identity, stage=stage)


def _parsed_toml(text: str) -> dict[str, Any]:
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_TOML_LINE:
            raise ValueError(f"Line {number} has more than {MAX_TOML_LINE} characters.")
    return tomllib.loads(text)


def _built(draft: Draft, findings: Findings, stage: Side | None) -> PlanRead:
    if stage:
        draft.stage = stage
    return PlanRead(seat_plan(draft, findings), findings.warnings)


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _refused(f"The file is larger than {MAX_BYTES // 1024**2} MiB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(f"Line {line} is not UTF-8: save the file as UTF-8.") from None


def _refused(fault: str) -> InvalidPlan:
    return InvalidPlan(errors={"": [fault]})
