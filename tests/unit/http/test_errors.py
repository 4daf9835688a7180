"""Errors of several fields."""

import pytest

from ticketing.domain.errors import InvalidFields, refuse_faults


def test_errors_name_each_invalid_field():
    with pytest.raises(InvalidFields) as refusal:
        refuse_faults(title="Too long.", rating=None, duration_minutes="Too short.")

    assert refusal.value.facts == {
        "errors": {"title": ["Too long."], "duration_minutes": ["Too short."]}
    }


def test_no_error_without_an_invalid_field():
    refuse_faults(title=None, rating=None)


def test_a_field_may_have_several_messages_and_nested_fields():
    errors = {"seats": {0: ["Too far."]}, "title": ["Too long.", "Too dull."]}

    assert InvalidFields.naming(errors).facts == {"errors": errors}
