"""Logging to stderr, one line per event, for this package and all libraries.

A line is a JSON object or the text ``time level logger: event key=value …``. Text from clients
cannot forge a line: control characters are escaped, and in text, further lines are indented.
"""

import logging
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from structlog.processors import JSONRenderer, TimeStamper, format_exc_info
from structlog.stdlib import ProcessorFormatter

FACTS = "facts"
"""The attribute of a log record that holds its key-value pairs."""

Context = Callable[[], Mapping[str, Any]]
Line = MutableMapping[str, Any]

_as_json = JSONRenderer(separators=(",", ":"), default=str)  # escapes all but ASCII
_HEAD = ("timestamp", "level", "logger", "event")
_INDENT = "    "


def configure(level: str, form: str, context: Context = dict) -> None:
    """Log in the form ``json`` or ``text``. ``context`` returns what to add to each line."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(form, context))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    if level == "info":
        logging.getLogger("alembic").setLevel(logging.WARNING)  # it logs each step


def formatter(form: str, context: Context) -> logging.Formatter:
    def collect(_logger: object, _method: str, given: Line) -> Line:
        """Return the parts of the line in the order in which they appear."""
        record: logging.LogRecord = given["_record"]
        line = {
            "timestamp": "",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": given["event"],
            **context(),
            **getattr(record, FACTS, {}),
        }
        if "exc_info" in given:
            line["exc_info"] = given["exc_info"]
        return line

    render = _as_json if form == "json" else _as_text
    return ProcessorFormatter(processors=[collect, TimeStamper("iso"), format_exc_info, render])


def _as_text(_logger: object, _method: str, line: Line) -> str:
    traceback = line.pop("exception", "").splitlines()
    timestamp, level, logger, event = (line.pop(name) for name in _HEAD)
    first, *others = event.splitlines() or [""]
    facts = [f"{name}={_word(value)}" for name, value in line.items()]
    head = " ".join([timestamp, f"{level:<7}", f"{logger}:", _printable(first), *facts])
    return "\n".join([head, *(_INDENT + _printable(text) for text in others + traceback)])


def _word(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and " " not in text else repr(text)


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
