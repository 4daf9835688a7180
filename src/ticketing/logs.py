"""The log: one line for each event, on stderr, ours and that of every library alike.

A line is a JSON object, or for people ``time level logger: event key=value …``. What clients send
cannot begin one: control characters are escaped, and for people further lines are indented.
"""

import json
import logging
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

FACTS = "facts"
"""Of a record: what its line says beside the message, a mapping."""

Context = Callable[[], Mapping[str, Any]]
Line = MutableMapping[str, Any]

_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode  # ASCII only: all escaped
_HEAD = ("timestamp", "level", "logger", "event")
_INDENT = "    "  # of what has several lines, so that none looks like one of the log


def nothing() -> Mapping[str, Any]:
    return {}


def configure(level: str, form: str, context: Context = nothing) -> None:
    """Have everybody's lines go out in that form, ``json`` or ``text``.

    ``context`` says what is to be added to each line that is logged at this moment.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(form, context))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    if level == "info":
        logging.getLogger("alembic").setLevel(logging.WARNING)  # it talks a lot


def formatter(form: str, context: Context) -> logging.Formatter:
    # Imported by who logs, not by ``ticketing --help``: structlog brings a lot with it.
    from structlog.processors import TimeStamper, format_exc_info
    from structlog.stdlib import ProcessorFormatter

    def told(_logger: object, _method: str, given: Line) -> Line:
        return _told(given, context())

    render = _as_json if form == "json" else _as_text
    return ProcessorFormatter(processors=[told, TimeStamper("iso"), format_exc_info, render])


def _told(given: Line, context: Mapping[str, Any]) -> Line:
    """What the line says, in the order in which it is to be read."""
    record: logging.LogRecord = given["_record"]
    line = {
        "timestamp": "",
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": given["event"],
        **context,
        **getattr(record, FACTS, {}),
    }
    if "exc_info" in given:
        line["exc_info"] = given["exc_info"]
    return line


def _as_json(_logger: object, _method: str, line: Line) -> str:
    return _encode(line)


def _as_text(_logger: object, _method: str, line: Line) -> str:
    more = line.pop("exception", "").splitlines()
    timestamp, level, logger, event = (line.pop(name) for name in _HEAD)
    first, *others = event.splitlines() or [""]
    facts = [f"{name}={_word(value)}" for name, value in line.items()]
    said = " ".join([timestamp, f"{level:<7}", f"{logger}:", _printable(first), *facts])
    return "\n".join([said, *(_INDENT + _printable(text) for text in others + more)])


def _word(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and " " not in text else repr(text)


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
