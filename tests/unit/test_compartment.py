"""Compartments: bounded numbers of threads."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest

from ticketing.adapters.compartment import Compartment
from ticketing.domain.errors import Overloaded, root_cause

AT_MOST = 10.0
"""The maximum wait, in seconds."""


def is_refused(compartment, key=None):
    try:
        with compartment.place(key):
            return False
    except Overloaded:
        return True


def test_work_beyond_the_places_is_refused_at_once():
    compartment = Compartment("work", 3)
    all_hold, refused = Barrier(4), Barrier(4)

    def work():
        with compartment.place():
            all_hold.wait(AT_MOST)
            refused.wait(AT_MOST)

    with ThreadPoolExecutor(3) as threads:
        working = [threads.submit(work) for _ in range(3)]
        all_hold.wait(AT_MOST)
        assert not compartment.has_place()
        assert is_refused(compartment)
        refused.wait(AT_MOST)
    assert [future.result() for future in working] == [None] * 3
    assert compartment.has_place()
    assert not is_refused(compartment)


def test_one_key_leaves_places_for_others():
    compartment = Compartment("work", 4, per_key=2)
    with compartment.place("a"), compartment.place("a"):
        assert is_refused(compartment, "a")
        assert not compartment.has_place("a")
        assert compartment.has_place("b")
        with compartment.place("b"), compartment.place("c"):
            assert is_refused(compartment, "b")
            assert is_refused(compartment, "d")
        assert not is_refused(compartment, "b")
    assert not is_refused(compartment, "a")


def test_a_place_is_free_again_after_an_error():
    compartment = Compartment("work", 1)
    with pytest.raises(ZeroDivisionError), compartment.place():
        raise ZeroDivisionError
    assert not is_refused(compartment)


def test_only_keys_that_hold_a_place_are_remembered():
    compartment = Compartment("work", 100)
    with ExitStack() as places:
        for key in range(100):
            places.enter_context(compartment.place(key))
        assert 99 in compartment
        assert 100 not in compartment
    assert is_refused(compartment, "new") is False
    assert 99 not in compartment


def test_the_cause_of_a_refusal_names_the_work():
    compartment = Compartment("password checks", 0)
    with pytest.raises(Overloaded) as refusal, compartment.place():
        pass
    assert root_cause(refusal.value) == "no place for password checks"


def test_a_refused_key_is_not_remembered():
    compartment = Compartment("work", 1)
    with compartment.place("a"):
        assert is_refused(compartment, "b")
        assert "b" not in compartment
