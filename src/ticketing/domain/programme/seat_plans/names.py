"""Names in a seat plan: which are valid, how ranges are written, and how labels are made."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice

from ticketing.domain.programme.seat_plans.numbers import MAX_SEATS

MAX_NAME = 50
MAX_SHORT_NAME = 20
"""Of rows and seats."""

_LOOKS_EMPTY = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_NUMBERS = re.compile(r"(0|[1-9]\d{0,4})\.\.(0|[1-9]\d{0,4})(?:/([1-9]\d?))?", re.ASCII)
_LETTERS = re.compile(r"([A-Z]{1,3})\.\.([A-Z]{1,3})")
_ROMAN = [(100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV")]


@lru_cache(maxsize=4096)
def name_fault(name: str, max_length: int) -> str | None:
    """Return what is wrong with the name of a section, category, row or seat, or None."""
    if not name:
        return "A name may not be empty."
    if len(name) > max_length:
        return f"A name has at most {max_length} characters."
    if not name.isprintable() or _LOOKS_EMPTY.search(name):
        return "A name may not contain invisible characters."
    if name != " ".join(name.split()):
        return "A name may not begin or end with a space, or have two in a row."
    if any(character in '<>"' for character in name):
        return 'A name may not contain <, > or ".'
    return None


def row_label(index: int) -> str:
    """Return the letters of row ``index`` (from 0): A…Z, then AA, AB … as in spreadsheets."""
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def label_key(label: str) -> str:
    """Return the form in which labels are compared: without regard to case."""
    return unicodedata.normalize("NFC", label).lower()


def joined(row: str, name: str) -> str:
    """Return the label of a seat: "C5", or "7-12" where a digit would meet a digit."""
    return f"{row}-{name}" if row[-1].isdigit() and name[0].isdigit() else row + name


def expanded(text: str) -> Iterator[str]:
    """Yield the names in ``text``: words, and ranges such as ``1..9``, ``9..1/2`` and ``A..H``.

    Raises ValueError for more than 20,000 names.
    """
    names = chain.from_iterable(map(expanded_word, text.split()))
    yield from islice(names, MAX_SEATS)
    if next(names, None) is not None:
        raise ValueError(f"At most {MAX_SEATS} names.")


def expanded_word(word: str) -> Iterator[str]:
    """Yield the names that one word stands for: itself, or those of a range."""
    if match := _NUMBERS.fullmatch(word):
        yield from map(str, _between(int(match[1]), int(match[2]), int(match[3] or 1)))
    elif match := _LETTERS.fullmatch(word):
        yield from map(row_label, _between(_letters(match[1]), _letters(match[2]), 1))
    elif ".." in word:
        raise ValueError(f"{word!r} is not a range like 1..20, 19..1/2 or A..H.")
    else:
        yield word


def roman(number: int) -> str:
    """Return 1 to 399 in Roman numerals."""
    numeral = ""
    for value, letters in [*_ROMAN, (1, "I")]:
        count, number = divmod(number, value)
        numeral += letters * count
    return numeral


def _between(first: int, last: int, step: int) -> range:
    return range(first, last + 1, step) if first <= last else range(first, last - 1, -step)


def _letters(text: str) -> int:
    """Return the index of a row's letters; the inverse of ``row_label``."""
    index = 0
    for letter in text:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
