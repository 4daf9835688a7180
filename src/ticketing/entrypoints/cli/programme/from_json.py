"""A programme as JSON: an object with lists of movies, screens and shows."""

import json
from collections.abc import Sequence
from typing import Any

from ticketing.entrypoints.cli.programme.reader import MOVIE, SCREEN, SHOW, ProgrammeReader, refused


def read_json(text: str, reader: ProgrammeReader) -> None:
    kinds = {
        "movies": (MOVIE, reader.movie),
        "screens": (SCREEN, reader.screen),
        "shows": (SHOW, reader.show),
    }
    document = _parsed(text)
    if not isinstance(document, dict) or document.keys() - kinds.keys():
        raise refused("the file", f"An object is wanted that has {', '.join(kinds)} only.")
    for kind, (fields, take) in kinds.items():
        records = document.get(kind, [])
        if not isinstance(records, list):
            reader.fault(kind, "A list is wanted.")
            continue
        for number, record in enumerate(records):
            where = f"{kind}[{number}]"
            if not isinstance(record, dict):
                reader.fault(where, "An object is wanted.")
                continue
            _check_fields(where, record, fields, reader)
            take(where, record)


def _check_fields(
    where: str, record: dict[str, Any], known: Sequence[str], reader: ProgrammeReader
) -> None:
    for name in sorted(record.keys() - {*known}):
        reader.fault(where, f"There is no field {name!r}. Known are {', '.join(known)}.")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise refused(place, f"This is not JSON: {error.msg}.") from None
    except (ValueError, RecursionError):
        raise refused(
            "the file", "There is a number too long, or it is nested too deeply."
        ) from None
