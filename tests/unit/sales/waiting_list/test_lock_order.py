"""All transactions lock in the same order: the key, the customer, the show, its seats ascending."""

import pytest

from ticketing.adapters.memory.sales import MemoryIdempotencyKeys, MemorySeats
from ticketing.domain.sales.idempotency import Repeatable

PORTS = {
    "claim": MemoryIdempotencyKeys,
    "lock_customers": MemorySeats,
    "lock_show": MemorySeats,
    "lock": MemorySeats,
}


@pytest.fixture
def locks(monkeypatch):
    """Return the names of the calls that lock, and the seats."""
    made: list[object] = []

    def watch(name, port):
        real = getattr(port, name)

        def call(self, *args, **kwargs):
            made.append((name, args[1]) if name == "lock" else name)
            return real(self, *args, **kwargs)

        monkeypatch.setattr(port, name, call)

    for name, port in PORTS.items():
        watch(name, port)
    return made


def test_joining(waiting_list, show, maria, locks):
    waiting_list.join(show.id, 1, True, maria, Repeatable("key", "same", str))
    assert locks == ["claim", "lock_customers", "lock_show"]


def test_offering(waiting_list, show, maria, otto, free, offers, locks):
    for actor in (maria, otto):
        waiting_list.join(show.id, 1, True, actor)
    free(1, 2)
    locks.clear()
    offers.serve_all()
    assert locks == ["lock_show", ("lock", [1, 2])]


def test_leaving(waiting_list, show, maria, free, offers, locks):
    entry = waiting_list.join(show.id, 2, True, maria)
    free(1, 2)
    offers.serve_all()
    locks.clear()
    waiting_list.leave(entry.id, maria)
    assert locks == ["lock_customers", "lock_show", ("lock", [1, 2])]
