"""Properties of all names: of seats, movies, screens and accounts."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ticketing.domain.programme.errors import UnknownSeat
from ticketing.domain.programme.seat_plans.names import row_label
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.text import comparison_key, is_wellformed

plans = st.builds(plain_grid, st.integers(1, 800), st.sampled_from([1, 10, 300]))
almost_seats = st.text("0159AaBbZz\t .-+", max_size=6) | st.from_regex(r"\s?[A-Za-z]{1,3}\d{1,5}")


@given(st.integers(0, 10**9))
def test_row_labels_are_base_26_numbers(index):
    """Read as a number of the digits A to Z, which are worth 1 to 26."""
    value = 0
    for letter in row_label(index):
        value = value * 26 + ord(letter) - ord("A") + 1
    assert value == index + 1


@given(plans, almost_seats)
def test_a_text_finds_only_the_seat_of_that_number_or_label(plan, text):
    try:
        [number] = plan.find([text])
    except UnknownSeat:
        return
    seat = plan.seat(number)
    assert text == str(number) or text.strip().upper() == seat.label


@given(plans, st.data())
def test_no_two_seats_share_a_name(plan, data):
    one, other = (plan.seat(data.draw(st.sampled_from(plan.numbers))) for _ in range(2))
    if one != other:
        assert not {str(one.number), one.label} & {str(other.number), other.label}


@given(st.text())
def test_a_key_is_normalised_and_trimmed(text):
    key = comparison_key(text)
    assert unicodedata.is_normalized("NFKC", key)
    assert key == key.strip()


@given(st.text(), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_every_composition_of_a_name_has_the_same_key(text, form):
    assert comparison_key(unicodedata.normalize(form, text)) == comparison_key(text)


@given(st.text(st.characters()))
def test_the_key_of_wellformed_text_is_wellformed(text):
    if is_wellformed(text):
        assert is_wellformed(comparison_key(text))
        comparison_key(text).encode()
