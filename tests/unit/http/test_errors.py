"""Refusals."""

import pytest

from ticketing.domain.errors import InvalidFields, refuse_faults


def test_every_faulty_field_is_named_with_its_fault():
    with pytest.raises(InvalidFields) as refusal:
        refuse_faults(title="Too long.", rating=None, duration_minutes="Too short.")

    assert refusal.value.facts == {
        "errors": {"title": ["Too long."], "duration_minutes": ["Too short."]}
    }


def test_nothing_is_refused_without_a_fault():
    refuse_faults(title=None, rating=None)


def test_a_field_may_have_several_faults_and_fields_of_its_own():
    errors = {"seats": {0: ["Too far."]}, "title": ["Too long.", "Too dull."]}

    assert InvalidFields.naming(errors).facts == {"errors": errors}
