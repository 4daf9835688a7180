"""Names in a seat plan: which are valid, how ranges are written, and how labels are made."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain

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


def name_fault(name: str, max_length: int) -> str | None:
    """Return what is wrong with the name of a section, category, row or seat, or None."""
    if not name:
        return "A name may not be empty."
    if len(name) > max_length:
        return f"A name has at most {max_length} characters."
    return _character_fault(name)


@lru_cache(maxsize=4096)
def _character_fault(name: str) -> str | None:
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
    return unicodedata.normalize("NFC", label.lower())


def joined(row: str, name: str) -> str:
    """Return the label of a seat: "C5", or "7-12" where a digit would meet a digit."""
    return f"{row}-{name}" if row[-1].isdigit() and name[0].isdigit() else row + name


def expanded_words(words: Sequence[str], fault: Callable[[str], None]) -> list[list[str]]:
    """Return the names that each of the words stands for: itself, or those of a range.

    Ranges are written ``1..9``, ``9..1/2`` and ``A..H``. Where a word is invalid, or there are more
    than 20,000 names, all faults are reported and nothing is expanded.
    """
    ranges = [_range(word) for word in words]
    faults = [
        f"{word[:MAX_NAME]!r}{found}"
        for word, indexes in dict.fromkeys(zip(words, ranges, strict=True))
        if indexes is None and (found := _word_fault(word))
    ]
    if sum(1 if indexes is None else len(indexes) for indexes in ranges) > MAX_SEATS:
        faults.append(f"At most {MAX_SEATS} names.")
    for found in faults:
        fault(found)
    if faults:
        return []
    return [
        [word] if indexes is None else [*map(str if word[0].isdigit() else row_label, indexes)]
        for word, indexes in zip(words, ranges, strict=True)
    ]


def expanded(text: str, fault: Callable[[str], None]) -> list[str]:
    """Return all names that the words of a text stand for; none if there is a fault."""
    return [*chain.from_iterable(expanded_words(text.split(), fault))]


def _range(word: str) -> range | None:
    """Return the numbers, or the indexes of the letters, in a range; None for another word."""
    if match := _NUMBERS.fullmatch(word):
        return _between(int(match[1]), int(match[2]), int(match[3] or 1))
    if match := _LETTERS.fullmatch(word):
        return _between(_letters(match[1]), _letters(match[2]), 1)
    return None


def _word_fault(word: str) -> str | None:
    if ".." in word:
        return " is not a range like 1..20, 19..1/2 or A..H."
    fault = name_fault(word, MAX_SHORT_NAME)
    return fault and f": {fault}"


def told_apart(names: Sequence[str]) -> list[str]:
    """Return the names of a section's rows: further ones of one name become A/2, A/3 …"""
    taken = {*names}
    seen: dict[str, int] = {}
    result = []
    for name in names:
        apart = name
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            while (apart := f"{name}/{seen[name]}") in taken:
                seen[name] += 1
            taken.add(apart)
        result.append(apart)
    return result


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
