"""Which shows are rehearsals."""

import re

import pytest

from tests.builders import NOW, a_show
from ticketing.domain.accounts.account import username_fault
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.rehearsal.rehearsal import (
    NotARehearsal,
    new_name,
    require_rehearsal,
    twin_of,
)


def test_a_twin_is_another_show_and_marked():
    show = a_show(id=ShowId(7))
    assert twin_of(show) == a_show(id=ShowId(0), rehearsal=True)
    assert not show.rehearsal


def test_a_new_show_is_a_real_one_and_stays_so():
    show = a_show()
    new = Show.new(show.movie, show.screen, show.starts_at)
    moved = new.rescheduled(movie=new.movie, screen=new.screen, starts_at=NOW, plan=new.plan)
    assert not new.rehearsal
    assert not moved.rehearsal
    assert not moved.cancelled(NOW).rehearsal


def test_real_shows_are_refused():
    require_rehearsal(a_show(rehearsal=True))
    with pytest.raises(NotARehearsal):
        require_rehearsal(a_show())


def test_names_differ_and_are_good_for_accounts():
    name = new_name()
    assert name != new_name()
    assert re.fullmatch("rehearsal-[0-9a-f]{10}", name)
    assert username_fault(f"{name}-1000000") is None
