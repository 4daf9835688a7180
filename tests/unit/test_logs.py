"""The format of log lines, and that clients cannot forge them."""

import json
import logging
import re
import sys
from typing import Any

import pytest

from ticketing.logs import formatter

FORGED = "ok\n2026-11-20T16:30:27Z error ticketing: forged\r\x1b[2K\u202e\u2028\x85"


def record(message: str, *args: object, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord("ticketing.x", logging.WARNING, "x.py", 1, message, args, None)
    made.__dict__.update(more)
    return made


def crashed(message: str) -> logging.LogRecord:
    try:
        raise ValueError(message)
    except ValueError:
        return record("Unhandled error", exc_info=sys.exc_info())


def line(record: logging.LogRecord, context=dict) -> dict[str, Any]:
    written = formatter("json", context).format(record)
    assert len(written.splitlines()) == 1
    read: dict[str, Any] = json.loads(written)
    return read


def text(record: logging.LogRecord) -> str:
    return formatter("text", lambda: {"request_id": "r-1"}).format(record)


def test_a_line_has_timestamp_level_logger_and_event():
    parsed = line(record("%d seats", 3))

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", parsed.pop("timestamp"))
    assert parsed == {"level": "warning", "logger": "ticketing.x", "event": "3 seats"}


def test_facts_and_context_are_keys():
    parsed = line(
        record("request", facts={"status": 200}), lambda: {"request_id": "r-1", "user": 7}
    )

    assert (parsed["status"], parsed["request_id"], parsed["user"]) == (200, "r-1", 7)


def test_a_percent_sign_without_arguments_is_kept():
    assert line(record("100%"))["event"] == "100%"


def test_a_traceback_is_a_key():
    parsed = line(crashed(FORGED))

    assert parsed["exception"].startswith("Traceback (most recent call last):\n")
    assert parsed["exception"].endswith(f"ValueError: {FORGED}")


def test_a_value_with_spaces_is_quoted():
    assert text(record("m", facts={"path": "/x user=1"})).endswith("path='/x user=1'")


@pytest.mark.parametrize("given", [{"facts": {"path": FORGED}}, {"msg": FORGED}])
def test_clients_cannot_forge_a_line(given):
    assert len(line(record("m", **given))) >= 4  # and it is one line
    first, *others = text(record("m", **given)).split("\n")
    assert first.isprintable()
    assert all(other.startswith("    ") and other.isprintable() for other in others)


def test_values_that_cannot_be_encoded_are_escaped():
    for form in ("json", "text"):
        written = formatter(form, dict).format(record("m", facts={"path": "\udcff", "what": {1}}))
        assert "\\udcff" in written
        assert written.isascii()


def test_text_is_one_line_of_pairs():
    written = text(record("request", facts={"status": 200, "path": "/api/shows/1"}))

    assert re.fullmatch(
        r"20\S+Z warning ticketing.x: request request_id=r-1 status=200 path=/api/shows/1", written
    )


def test_tracebacks_are_indented():
    first, *others = text(crashed(FORGED)).split("\n")

    assert "Unhandled error" in first
    assert len(others) > 3
    assert all(other.startswith("    ") and other.isprintable() for other in others)
