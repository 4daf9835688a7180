"""Text, and how it is compared."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ticketing.domain.text import comparison_key, is_wellformed, text_fault


@given(st.text(st.characters()))
def test_valid_text_can_be_stored(text):
    if text_fault(text, max_length=10_000) is None:
        assert "\x00" not in text
        assert text.encode().decode() == text


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs", "Co", "Cf"])))
def test_ordinary_text_is_wellformed(text):
    assert is_wellformed(text)
    assert is_wellformed(f"\t{text}\r\n")


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f", "\x85", "\ud800", "\udfff"])
def test_control_characters_and_surrogates_are_refused(character):
    assert not is_wellformed(f"before{character}after")
    assert text_fault(character, max_length=10) is not None


@pytest.mark.parametrize(
    ("text", "good"),
    [("", False), (" ", False), ("a", True), (" abc ", True), ("abcd", False), ("👩", True)],
)
def test_surrounding_white_space_does_not_count(text, good):
    assert (text_fault(text, min_length=1, max_length=3) is None) is good


@given(st.text())
@example("¨ a diaeresis of its own, which is a space and a mark")
@example("ǰ and ͅ and ᾳ")
def test_the_key_of_a_key_is_the_key(text):
    key = comparison_key(text)
    assert comparison_key(key) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Maria", " mARIA\n"),
        ("Straße", "STRASSE"),
        ("Café", "CAFE\u0301"),
        ("\ufb01lm", "FILM"),
        ("Screen Ⅱ", "screen ii"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
    ],
)
def test_case_and_form_are_ignored(one, other):
    assert comparison_key(one) == comparison_key(other)


@pytest.mark.parametrize(("one", "other"), [("Café", "Cafe"), ("A 1", "A1"), ("i", "\u0131")])
def test_other_differences_are_kept(one, other):
    assert comparison_key(one) != comparison_key(other)
