"""What is done about server processes that die, and die again."""

import pytest

from ticketing.entrypoints.server import Alarm, Replaced

LATE, EARLY = 60.0, 1.0


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def replaced(time: Time) -> Replaced:
    return Replaced(time, pause=time.pass_)


def gives_up(replaced: Replaced, time: Time, worker: int, age: float) -> bool:
    """Whether granian does when a worker dies at an age; if not, it replaces it."""
    replaced[worker] = time()
    time.pass_(age)
    if time() - replaced.get(worker, 0) <= 5.5:
        return True
    replaced.clear()
    return False


def test_a_few_deaths_are_a_misfortune(replaced, time):
    assert not any(gives_up(replaced, time, 0, EARLY) for _ in range(5))


def test_more_of_them_in_a_row_are_not(replaced, time):
    assert [gives_up(replaced, time, turn % 2, EARLY) for turn in range(6)] == [False] * 5 + [True]


def test_more_of_them_are_if_others_lived_on(replaced, time):
    for _ in range(5):
        assert not any(gives_up(replaced, time, 0, EARLY) for _ in range(5))
        assert not gives_up(replaced, time, 1, LATE)


def test_a_worker_that_dies_young_is_not_replaced_at_once(replaced, time):
    replaced[0] = time()

    replaced.get(0, 0)

    assert time() == replaced[0] + 1


def test_one_that_is_old_is(replaced, time):
    replaced[0] = time()
    time.pass_(LATE)

    replaced.get(0, 0)

    assert time() == replaced[0] + LATE


def test_what_one_dies_of_is_not_forgotten_for_another(replaced, time):
    replaced[0] = time()
    replaced.clear()

    assert replaced[0] == time()


class Server:
    """As far as granian's alarm knows it."""

    def __init__(self) -> None:
        self.interrupt_signal, self.interrupt_children = False, list[int]()


def test_an_alarm_that_was_dealt_with_is_over():
    alarm = Alarm(Server())
    alarm.set()
    alarm.clear()

    assert not alarm.is_set()


@pytest.mark.parametrize(
    ("meanwhile", "value"), [("interrupt_signal", True), ("interrupt_children", [1])]
)
def test_an_alarm_goes_on_about_what_came_in_the_meantime(meanwhile, value):
    server = Server()
    alarm = Alarm(server)
    setattr(server, meanwhile, value)
    alarm.clear()

    assert alarm.is_set()
