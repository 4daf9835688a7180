"""A programme as JSON: an object with lists of movies, screens and shows."""

import json
from collections.abc import Sequence
from typing import Any

from ticketing.entrypoints.cli.import_programme.programme_reader import (
    MOVIE,
    SCREEN,
    SHOW,
    ProgrammeReader,
    refused,
)


def read_json(text: str, reader: ProgrammeReader) -> None:
    kinds = {
        "movies": (MOVIE, reader.movie),
        "screens": (SCREEN, reader.screen),
        "shows": (SHOW, reader.show),
    }
    document = _parsed(text)
    if not isinstance(document, dict) or document.keys() - kinds.keys():
        raise refused("the file", f"An object with only {', '.join(kinds)} is required.")
    for kind, (fields, take) in kinds.items():
        records = document.get(kind, [])
        if not isinstance(records, list):
            reader.fault(kind, "A list is required.")
            continue
        for number, record in enumerate(records):
            where = f"{kind}[{number}]"
            if not isinstance(record, dict):
                reader.fault(where, "An object is required.")
                continue
            _check_fields(where, record, fields, reader)
            take(where, record)


def _check_fields(
    where: str, record: dict[str, Any], known: Sequence[str], reader: ProgrammeReader
) -> None:
    for name in sorted(record.keys() - {*known}):
        reader.fault(where, f"Unknown field {name!r}. The fields are {', '.join(known)}.")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise refused(place, f"This is not JSON: {error.msg}.") from None
    except (ValueError, RecursionError):
        raise refused("the file", "A number is too long, or the nesting is too deep.") from None
