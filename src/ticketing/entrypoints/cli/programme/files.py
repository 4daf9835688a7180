"""Programme files: read as text, and handed to whoever knows their form."""

from pathlib import Path
from zoneinfo import ZoneInfo

from ticketing.domain.programme.import_entries import Programme
from ticketing.entrypoints.cli.programme.from_csv import read_csv
from ticketing.entrypoints.cli.programme.from_json import read_json
from ticketing.entrypoints.cli.programme.reader import ProgrammeReader, refused

LARGEST = 10 * 1024 * 1024

_READERS = {".csv": read_csv, ".json": read_json}


def read_programme(file: Path, zone: ZoneInfo) -> Programme:
    """Raises ImportRefused where it cannot be read at all; other faults are noted in it."""
    read = _READERS.get(file.suffix.lower())
    if read is None:
        raise refused(file.name, f"The name must end in {' or '.join(_READERS)}.")
    reader = ProgrammeReader(zone)
    read(_text(file), reader)
    programme = reader.programme()
    if not programme and not programme.faults:
        raise refused(file.name, "There are no movies, screens or shows in this file.")
    return programme


def _text(file: Path) -> str:
    with file.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise refused(file.name, f"A file of at most {LARGEST // 1024**2} MiB is wanted.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refused(f"line {line}", "This is not UTF-8; save the file as such.") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise refused(f"line {line}", "There is a NUL character, which is no text.")
    return text
