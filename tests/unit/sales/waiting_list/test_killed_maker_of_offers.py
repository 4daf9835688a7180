"""The maker of offers is killed at every step: nothing is half done, and the next one goes on."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import register
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.sales.waiting_list.offers import OfferService


class Killed(BaseException):
    """Nothing catches it, as nothing survives ``kill -9``."""


class Mortal:
    """A port or a unit of work that is killed at the n-th call to the store."""

    def __init__(self, part: Any, live: Callable[[str], None], path: str = "") -> None:
        self._part, self._live, self._path = part, live, path

    def __getattr__(self, name: str) -> Any:
        found, path = getattr(self._part, name), f"{self._path}.{name}"
        if not callable(found):
            return Mortal(found, self._live, path)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._live(f"before {path}")
            result = found(*args, **kwargs)
            self._live(f"after {path}")
            return result

        return call


@pytest.fixture
def steps(transactions, queries):
    """Make offers, killed at the step of that number, and return the steps until then."""

    def steps(last):
        done: list[str] = []

        def live(step):
            done.append(step)
            if len(done) == last:
                raise Killed

        def mortal(work):
            return transactions(lambda uow: work(Mortal(uow, live)))

        try:
            OfferService(mortal, queries.waiting_list).serve_all()
        except Killed:
            assert len(done) == last
        return done

    return steps


def test_it_is_killed_at_every_step(transactions, queries, show, waiting_list, offers, free, steps):
    names = ["first", "second", "third"]
    actors = [Actor(register(transactions, name), Role.CUSTOMER) for name in names]
    entries = [waiting_list.join(show.id, 1, True, actor) for actor in actors]
    free(1, 2)

    def offered():
        found = [queries.waiting_list.entry(entry.id).entry.offer for entry in entries]
        held = [hold.seat_numbers for hold in transactions.state.holds.values()]
        return [offer and offer.seat_numbers for offer in found], held

    before = transactions.state
    every_step = steps(last=None)
    assert every_step[0] == "before .seats.lock_show"
    assert every_step[-1] == "after .waiting_list.set_has_waiting"
    assert {"after .holds.add_all", "before .waiting_list.save_all"} < {*every_step}
    made = offered()
    assert made == ([[2], [1], None], [[2], [1]])
    for last in range(1, len(every_step) + 1):
        transactions.state = before
        assert steps(last) == every_step[:last]
        assert offered() == ([None, None, None], [])
        offers.serve_all()
        assert offered() == made
