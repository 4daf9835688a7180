"""How the customers of a rehearsal react to responses."""

from collections.abc import Callable, Iterable, Sequence
from random import Random
from threading import Event
from typing import Any

import pytest

from tests.builders import a_show
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.rehearsal.consistency import Cancellation, Confirmation
from ticketing.domain.sales.booking import BookingId
from ticketing.entrypoints.cli.rehearse.customer import MAX_ATTEMPTS, MAX_CHOICES, Customer
from ticketing.entrypoints.cli.rehearse.http_client import Answer, Request

SHOW = a_show(id=ShowId(5), plan=plain_grid(40))
CLICKS_TWICE, LOSES_ANSWER, HOLDS, PLAIN = 0.05, 0.12, 0.3, 0.5
LEAVES, EXTENDS = 0.05, 0.2
BUSY = Answer(503, {"code": "busy"}, 1.0)
LOST_COMMIT = Answer(503, {"code": "outcome_unknown"}, 1.0)
TAKEN = Answer(409, {"code": "seat_taken"})
FULL = Answer(409, {"code": "show_full"})
LIMITED = Answer(429, {"code": "rate_limited"}, 1.0)
PROXY_LIMITED, PROXY_BUSY = Answer(429, None), Answer(503, None)
NO_SERVER, TOO_LATE = Answer(502, None), Answer(504, {"message": "Endpoint request timed out"})
SOLD_UNREADABLY = Answer(201, None)

Reply = Answer | None | Callable[[Request], Answer]


class Lots(Random):
    """``random`` returns the given numbers; the rest is always the same."""

    def __init__(self, *lots: float) -> None:
        super().__init__(1)
        self._lots = list(lots)

    def random(self) -> float:
        return self._lots.pop(0) if self._lots else 0.99

    def choices(self, population: Any, *_: Any, **__: Any) -> list[Any]:
        return [population[1]]

    def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        return mu

    def choice(self, seq: Any) -> Any:
        return max(seq)


class Script:
    """A transport that returns the given answers, one after another."""

    def __init__(self, answers: Iterable[Reply]) -> None:
        self._answers = list(answers)
        self.sent: list[Request] = []

    def send(self, request: Request, times: int = 1) -> Sequence[Answer | None]:
        if request.kind == "seat map":
            return [self.seat_map()]
        self.sent += [request] * times
        return [self._answer(request) for _ in range(times)]

    def seat_map(self) -> Answer | None:
        seats = [{"number": number, "status": "AVAILABLE"} for number in SHOW.plan.numbers]
        return Answer(200, {"seats": seats})

    def _answer(self, request: Request) -> Answer | None:
        reply = self._answers.pop(0)
        return reply(request) if callable(reply) else reply


def sold(booking_id: int) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        seats = [{"number": number} for number in request.body["seats"]]
        return Answer(201, {"id": booking_id, "seats": seats})

    return answer


class Leaving(Event):
    """Does not wait; ``pauses`` are the requested times."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0.0)
        return False


class Visit:
    def __init__(self, *answers: Reply, manner: float = PLAIN, mind: float = 0.99) -> None:
        self.transport = Script(answers)
        self.leaving = Leaving()
        lots = Lots(manner, mind)
        self.customer = Customer(AccountId(9), "token", SHOW, self.transport, lots, self.leaving)

    @property
    def purchases(self):
        return self.customer.visit()


def confirmed(booking_id, purchase):
    return frozenset({Confirmation(BookingId(booking_id), purchase.seats)})


def test_a_customer_books_free_seats():
    visit = Visit(sold(3))
    (purchase,) = visit.purchases
    assert purchase.confirmed == confirmed(3, purchase)
    assert purchase.customer == 9
    (request,) = visit.transport.sent
    assert (request.method, request.path) == ("POST", "/api/shows/5/book")
    assert request.body == {"seats": list(purchase.seats)}
    assert request.token == "token"
    assert request.key


def test_taken_seats_are_replaced_under_another_key():
    visit = Visit(TAKEN, sold(3))
    refused, purchase = visit.purchases
    assert not refused.confirmed
    assert not refused.unknown
    assert purchase.confirmed == confirmed(3, purchase)
    assert len({request.key for request in visit.transport.sent}) == 2


def test_a_customer_who_leaves_starts_no_request():
    visit = Visit(sold(3))
    visit.leaving.set()
    assert visit.purchases == []
    assert visit.transport.sent == []


def test_a_customer_leaves_after_several_attempts():
    assert len(Visit(*[TAKEN] * 9).purchases) == MAX_CHOICES


@pytest.mark.parametrize(
    "answer",
    [FULL, Answer(404, {"code": "show_not_found"}), BUSY, PROXY_BUSY, LIMITED, PROXY_LIMITED],
)
def test_a_customer_leaves_when_no_seat_is_available(answer):
    (purchase,) = Visit(*[answer] * MAX_ATTEMPTS).purchases
    assert not purchase.confirmed
    assert not purchase.unknown


def test_a_double_click_sends_the_same_request_twice():
    visit = Visit(sold(3), sold(3), manner=CLICKS_TWICE)
    (purchase,) = visit.purchases
    assert purchase.confirmed == confirmed(3, purchase)
    assert visit.transport.sent == [visit.transport.sent[0]] * 2


def test_a_double_click_that_booked_twice_is_recorded():
    (purchase,) = Visit(sold(3), sold(4), manner=CLICKS_TWICE).purchases
    assert purchase.confirmed == confirmed(3, purchase) | confirmed(4, purchase)


def test_one_confirmation_of_a_double_click_counts():
    (purchase,) = Visit(TAKEN, sold(4), manner=CLICKS_TWICE).purchases
    assert purchase.confirmed == confirmed(4, purchase)


def test_a_request_whose_response_was_lost_is_repeated():
    visit = Visit(sold(3), sold(3), manner=LOSES_ANSWER)
    (purchase,) = visit.purchases
    assert purchase.confirmed == confirmed(3, purchase)
    assert visit.transport.sent == [visit.transport.sent[0]] * 2


def test_after_a_lost_response_the_second_one_counts():
    (purchase,) = Visit(sold(3), FULL, manner=LOSES_ANSWER).purchases
    assert not purchase.confirmed
    assert not purchase.unknown


@pytest.mark.parametrize(
    "trouble", [BUSY, LOST_COMMIT, LIMITED, NO_SERVER, TOO_LATE, SOLD_UNREADABLY, None]
)
def test_the_same_request_is_repeated_after_a_failure(trouble):
    visit = Visit(trouble, trouble, sold(3))
    (purchase,) = visit.purchases
    assert purchase.confirmed == confirmed(3, purchase)
    assert visit.transport.sent == [visit.transport.sent[0]] * 3
    assert len(visit.leaving.pauses) == 2
    assert all(0 < pause <= 2 for pause in visit.leaving.pauses)
    if trouble in (BUSY, LIMITED):
        assert min(visit.leaving.pauses) >= 0.5


@pytest.mark.parametrize("trouble", [LOST_COMMIT, NO_SERVER, TOO_LATE, SOLD_UNREADABLY, None])
@pytest.mark.parametrize(
    ("manner", "others"), [(CLICKS_TWICE, []), (LOSES_ANSWER, []), (PLAIN, [BUSY])]
)
def test_a_refusal_does_not_decide_an_unanswered_request(trouble, manner, others):
    """The first request may still have been running, and have found the seats free again."""
    visit = Visit(trouble, *others, TAKEN, manner=manner)
    (purchase,) = visit.purchases
    assert purchase.unknown
    assert not purchase.confirmed


def test_one_confirmation_decides_the_outcome():
    (purchase,) = Visit(None, sold(4), manner=CLICKS_TWICE).purchases
    assert purchase.confirmed == confirmed(4, purchase)
    assert not purchase.unknown


@pytest.mark.parametrize("trouble", [LOST_COMMIT, NO_SERVER, TOO_LATE, None])
def test_without_a_response_the_outcome_is_unknown(trouble):
    visit = Visit(BUSY, trouble, *[BUSY] * (MAX_ATTEMPTS - 2))
    (purchase,) = visit.purchases
    assert purchase.unknown
    assert len(visit.transport.sent) == MAX_ATTEMPTS


@pytest.mark.parametrize("answer", [Answer(500, {"code": "internal"}), Answer(200, None)])
def test_a_customer_leaves_without_a_seat_map(answer):
    visit = Visit()
    visit.transport.seat_map = lambda: answer  # type: ignore[method-assign]
    assert visit.purchases == []


HELD = Answer(201, {"id": "5-HOLD"})


def bought(booking_id: int) -> Answer:
    return Answer(201, {"id": booking_id, "seats": [{"number": 13}, {"number": 14}]})


def holding(*answers: Reply, mood: float = PLAIN) -> Visit:
    return Visit(*answers, manner=HOLDS, mind=mood)


def test_a_customer_may_hold_seats_before_booking_them():
    visit = holding(HELD, bought(3), bought(3))
    (purchase,) = visit.purchases
    assert purchase.hold == "5-HOLD"
    assert {each.booking_id for each in purchase.confirmed} == {3}
    hold, *booked = visit.transport.sent
    assert (hold.method, hold.path) == ("POST", "/api/shows/5/holds")
    assert hold.body == {"seats": list(purchase.seats)}
    assert (booked[0].path, booked[0].body) == ("/api/holds/5-HOLD/book", None)
    assert booked == [booked[0]] * 2
    assert all(request.token and request.key for request in visit.transport.sent)


def test_a_hold_may_be_extended():
    at_limit = Answer(409, {"code": "hold_at_limit"})
    visit = holding(HELD, at_limit, bought(3), bought(3), mood=EXTENDS)
    assert visit.purchases[0].confirmed
    assert visit.transport.sent[1].path == "/api/holds/5-HOLD/extend"


def test_a_hold_may_be_left_to_expire():
    visit = holding(HELD, mood=LEAVES)
    (purchase,) = visit.purchases
    assert (purchase.hold, purchase.confirmed, purchase.unknown) == ("5-HOLD", frozenset(), False)
    assert len(visit.transport.sent) == 1


@pytest.mark.parametrize("code", ["seat_taken", "seat_held"])
def test_seats_that_cannot_be_held_are_replaced(code):
    visit = Visit(Answer(409, {"code": code}), sold(3), manner=HOLDS, mind=PLAIN)
    refused, purchase = visit.purchases
    assert (refused.hold, refused.confirmed) == (None, frozenset())
    assert purchase.confirmed == confirmed(3, purchase)


def test_so_are_seats_whose_hold_was_lost():
    lost = Answer(409, {"code": "hold_lost"})
    visit = Visit(HELD, lost, lost, FULL, manner=HOLDS, mind=PLAIN)
    refused, purchase = visit.purchases
    assert (refused.hold, refused.confirmed) == ("5-HOLD", frozenset())
    assert purchase.hold is None


def test_without_an_answer_a_booked_hold_has_an_unknown_outcome():
    (purchase,) = holding(HELD, *[None] * (MAX_ATTEMPTS + 1)).purchases
    assert (purchase.hold, purchase.unknown) == ("5-HOLD", True)


def given_back(*answers, **details):
    visit = Visit(sold(3), *answers, mind=0.0, **details)
    (purchase,) = visit.purchases
    return purchase.cancellation, visit.transport.sent[1:]


def test_a_customer_may_cancel():
    outcome, sent = given_back(Answer(200, {}), Answer(200, {}))
    assert outcome is Cancellation.CONFIRMED
    assert sent == [sent[0]] * 2
    assert (sent[0].method, sent[0].path) == ("POST", f"/api/bookings/3/cancel?show_id={SHOW.id}")
    assert sent[0].key


def test_a_cancellation_may_be_refused():
    refused = Answer(409, {"code": "show_started"})
    assert given_back(refused, refused)[0] is Cancellation.NONE


def test_an_unanswered_cancellation_has_an_unknown_outcome():
    assert given_back(None, Answer(409, {"code": "show_started"}))[0] is Cancellation.UNKNOWN


@pytest.mark.parametrize(
    ("trouble", "outcome"), [(None, Cancellation.UNKNOWN), (BUSY, Cancellation.NONE)]
)
def test_a_cancellation_that_gets_no_response(trouble, outcome):
    assert given_back(*[trouble] * (MAX_ATTEMPTS + 1))[0] is outcome
