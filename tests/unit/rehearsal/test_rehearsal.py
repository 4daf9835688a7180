"""Which shows are rehearsals."""

import re
from dataclasses import replace

from tests.builders import NOW, a_show, put_on
from ticketing.domain.accounts.account import username_fault
from ticketing.domain.programme.show import Show
from ticketing.domain.rehearsal.rehearsal_service import Rehearsal, RehearsalService


def test_a_rehearsal_gets_a_marked_copy_of_the_show(transactions):
    show = put_on(transactions)
    rehearsal = RehearsalService(transactions).on(show)
    assert rehearsal.show == replace(show, id=rehearsal.show.id, rehearsal=True)
    assert rehearsal.show.id != show.id


def test_a_new_show_is_real_and_stays_so():
    show = a_show()
    new = Show.new(show.movie, show.screen, show.starts_at)
    moved = new.rescheduled(movie=new.movie, screen=new.screen, starts_at=NOW, plan=new.plan)
    assert not new.rehearsal
    assert not moved.rehearsal
    assert not moved.cancelled(NOW).rehearsal


def test_names_differ_and_are_valid_usernames():
    name = Rehearsal(a_show()).name
    assert name != Rehearsal(a_show()).name
    assert re.fullmatch("rehearsal-[0-9a-f]{10}", name)
    assert username_fault(f"{name}-1000000") is None
