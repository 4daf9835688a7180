"""Read a programme file, whatever its format."""

from pathlib import Path
from zoneinfo import ZoneInfo

from ticketing.domain.programme.import_entries import Programme
from ticketing.entrypoints.cli.import_programme.csv_format import read_csv
from ticketing.entrypoints.cli.import_programme.json_format import read_json
from ticketing.entrypoints.cli.import_programme.programme_reader import ProgrammeReader, refused

MAX_BYTES = 10 * 1024 * 1024

_READERS = {".csv": read_csv, ".json": read_json}


def read_programme(file: Path, zone: ZoneInfo) -> Programme:
    """Return the programme, with its faults. Raises ImportRefused if the file cannot be read."""
    read = _READERS.get(file.suffix.lower())
    if read is None:
        raise refused(file.name, f"The file name must end in {' or '.join(_READERS)}.")
    reader = ProgrammeReader(zone)
    read(_text(file), reader)
    programme = reader.programme()
    if not programme and not programme.faults:
        raise refused(file.name, "The file contains no movies, screens or shows.")
    return programme


def _text(file: Path) -> str:
    with file.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise refused(file.name, f"The file is larger than {MAX_BYTES // 1024**2} MiB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refused(f"line {line}", "This is not UTF-8: save the file as UTF-8.") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise refused(f"line {line}", "This contains a NUL character.")
    return text
