"""Sell to several customers in one transaction: most often to one, in a crowd to dozens."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Busy, DomainError, Invalid, InvalidFields
from ticketing.domain.programme.seat_plan import SeatName, SeatNumber, SeatPlan
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import SalesClosed
from ticketing.domain.sales.idempotency import Repeatable, Replay, RequestKey, replay
from ticketing.domain.sales.ports import LockedSeats, SalesWork, SeatRequest
from ticketing.domain.sales.selling import SalesPolicy, sell
from ticketing.domain.unit_of_work import POSTPONED, Outcome


@dataclass(frozen=True, slots=True)
class Order:
    """What a customer wants to buy. ``request`` is set if the client may repeat it."""

    show_id: ShowId
    names: Sequence[SeatName]
    customer: AccountId
    request: Repeatable[Booking] | None = None


Sale: TypeAlias = Outcome[Booking | Replay]


def sell_batch(
    work: SalesWork, orders: Sequence[Order], policy: SalesPolicy, *, wait: bool
) -> list[Sale]:
    """Sell each order as if those before it had been committed.

    Orders that need what another transaction has locked are postponed, unless they may ``wait``;
    so are orders with the idempotency key of an order before them. If none succeeds, the
    transaction must be rolled back: the keys of refused orders are claimed.
    """
    claims = _claims(orders)
    answered = _answers(work, orders, claims)
    wanted = [
        answer or _find_seats(work, order, policy)
        for order, answer in zip(orders, answered, strict=True)
    ]
    requests = [request for request in wanted if isinstance(request, SeatRequest)]
    locked = iter(work.seats.lock_all(requests, wait=wait) if requests else ())
    till = _Till(work, policy)
    sales = [
        till.sell(order, next(locked)) if isinstance(step, SeatRequest) else step
        for order, step in zip(orders, wanted, strict=True)
    ]
    if bookings := [sale for sale in sales if isinstance(sale, Booking)]:
        stored = iter(work.bookings.add_all(bookings))
        sales = [next(stored) if isinstance(sale, Booking) else sale for sale in sales]
    if claims and any(isinstance(sale, Booking | Replay) for sale in sales):
        _keep_answers(work, claims, orders, sales)
    return sales


def _key(order: Order, request: Repeatable[Booking]) -> RequestKey:
    return RequestKey(order.show_id, order.customer, "book", request.key)


def _claims(orders: Sequence[Order]) -> dict[RequestKey, Repeatable[Booking]]:
    """Return the idempotency keys of the orders, each with the first request that has it."""
    claims: dict[RequestKey, Repeatable[Booking]] = {}
    for order in orders:
        if order.request:
            claims.setdefault(_key(order, order.request), order.request)
    return claims


def _answers(
    work: SalesWork, orders: Sequence[Order], claims: dict[RequestKey, Repeatable[Booking]]
) -> list[Sale | None]:
    """Claim the keys, and return the outcome of each order that its key decides already."""
    if not claims:
        return [None] * len(orders)
    kept = work.idempotency_keys.claim({key: each.fingerprint for key, each in claims.items()})
    for answered in kept:
        del claims[answered]
    answers: list[Sale | None] = []
    for order in orders:
        if order.request is None:
            answers.append(None)
        elif (key := _key(order, order.request)) in kept:
            answers.append(replay(kept[key], order.request))
        else:
            answers.append(None if claims[key] is order.request else POSTPONED)
    return answers


def _keep_answers(
    work: SalesWork,
    claims: dict[RequestKey, Repeatable[Booking]],
    orders: Sequence[Order],
    sales: Sequence[Sale],
) -> None:
    """Store the answer for each key that sold seats, and release the others."""
    answers = {
        _key(order, order.request): order.request.render(sale)
        for order, sale in zip(orders, sales, strict=True)
        if order.request and isinstance(sale, Booking)
    }
    if answers:
        work.idempotency_keys.keep(answers)
    if unused := claims.keys() - answers.keys():
        work.idempotency_keys.release(unused)


def _find_seats(work: SalesWork, order: Order, policy: SalesPolicy) -> SeatRequest | DomainError:
    """Return the seats to lock, or why there are no such seats."""
    try:
        plan = work.seats.plan(order.show_id)
        try:
            numbers = _numbers(plan, order.names, policy)
        except Invalid:  # the cached plan may be stale: the show was changed or deleted
            plan = work.seats.plan(order.show_id, current=True)
            numbers = _numbers(plan, order.names, policy)
    except Busy:
        raise
    except DomainError as refusal:
        return refusal
    buyer = order.customer if policy.per_account else None
    return SeatRequest(order.show_id, numbers, plan, buyer)


def _numbers(plan: SeatPlan, names: Sequence[SeatName], policy: SalesPolicy) -> list[SeatNumber]:
    if not 1 <= len(names) <= policy.per_booking:
        raise InvalidFields(seats=f"1 to {policy.per_booking} seats can be booked at once.")
    return plan.find(names)


class _Till:
    """Sells over locked seats, and knows what it sold before."""

    def __init__(self, work: SalesWork, policy: SalesPolicy) -> None:
        self._work = work
        self._policy = policy
        self._sold: defaultdict[ShowId, set[SeatNumber]] = defaultdict(set)
        self._bought: Counter[tuple[ShowId, AccountId]] = Counter()

    def sell(self, order: Order, locked: Outcome[LockedSeats]) -> Sale:
        if not isinstance(locked, LockedSeats):
            return locked
        show, seats, owned = locked
        buyer = show.id, order.customer
        try:
            _require_access(self._work, show, order.customer)
            booking = sell(
                show,
                seats,
                order.customer,
                sold=self._sold[show.id],
                owned=owned + self._bought[buyer],
                is_full=lambda: self._work.seats.is_full(show.id),
                now=self._work.now(),
                policy=self._policy,
            )
        except Busy:
            raise
        except DomainError as refusal:
            return refusal
        self._sold[show.id].update(booking.seat_numbers)
        self._bought[buyer] += len(seats)
        return booking


def _require_access(work: SalesWork, show: Show, customer: AccountId) -> None:
    """Raises SalesClosed for a rehearsal's show, unless its own customers buy.

    Sales of public shows do not read the account.
    """
    if show.rehearsal and not show.is_open_to(work.accounts.get(customer)):
        raise SalesClosed("This show is a rehearsal: its seats are not for sale.")
