"""The tests that docs/ refers to exist."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NAMED = re.compile(r"\b(tests/[\w/]+\.py)::(?:(\w+)::)?(test_\w+)")
TEXTS = sorted(ROOT.glob("docs/**/*.md"))


@cache
def known_tests(file: str) -> set[tuple[str, str]]:
    """Return each test with its class, "" for a function of the module."""
    found, inside = set(), ""
    for line in (ROOT / file).read_text("utf-8").splitlines() if (ROOT / file).exists() else ():
        if match := re.match(r"class (\w+)", line):
            inside = match[1]
        elif match := re.match(r"(    )?def (test_\w+)", line):
            inside = inside if match[1] else ""
            found.add((inside, match[2]))
    return found


def is_there(file: str, group: str, name: str) -> bool:
    """With or without its class."""
    return any(name == test and group in ("", inside) for inside, test in known_tests(file))


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.name)
def test_every_named_test_exists(text):
    named = NAMED.findall(text.read_text("utf-8"))

    assert [test for test in named if not is_there(*test)] == []


def test_every_risk_and_chapter_has_a_row():
    table = (ROOT / "docs" / "security.md").read_text("utf-8")

    assert re.findall(r"^\| API(\d+) ", table, re.MULTILINE) == [str(n) for n in range(1, 11)]
    assert re.findall(r"^\| \*\*V(\d+) ", table, re.MULTILINE) == [str(n) for n in range(1, 18)]


def test_a_missing_test_is_reported():
    here = "tests/unit/project/test_security_table.py"

    assert is_there(here, "", "test_every_risk_and_chapter_has_a_row")
    assert not is_there(here, "", "test_nothing")
    assert not is_there(here, "TestX", "test_every_risk_and_chapter_has_a_row")
    assert not is_there("tests/unit/test_of_nothing.py", "", "test_nothing")
