"""Sell to several customers in one transaction: most often to one, in a crowd to dozens."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Busy, DomainError, Invalid, InvalidFields
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatName, SeatNumber
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import SalesClosed
from ticketing.domain.sales.idempotency import Repeatable, Replay, RequestKey, replay
from ticketing.domain.sales.ports import LockedSeats, SalesWork, SeatRequest
from ticketing.domain.sales.selling import SalesPolicy, sell
from ticketing.domain.unit_of_work import POSTPONED, Outcome

SaleOutcome: TypeAlias = Outcome[Booking | Replay]


@dataclass(frozen=True, slots=True)
class Order:
    """What a customer wants to buy. ``request`` is set if the client may repeat it."""

    show_id: ShowId
    names: Sequence[SeatName]
    customer: AccountId
    request: Repeatable[Booking] | None = None

    @property
    def key(self) -> RequestKey | None:
        if self.request is None:
            return None
        return RequestKey(self.show_id, self.customer, "book", self.request.key)


def sell_batch(
    work: SalesWork, orders: Sequence[Order], policy: SalesPolicy, *, wait: bool
) -> list[SaleOutcome]:
    """Sell each order as if those before it had been committed.

    Orders that need what another transaction has locked are postponed, unless they may ``wait``;
    so are orders with the idempotency key of an order before them.
    """
    outcomes: dict[int, SaleOutcome] = {}  # by the order's position
    claimed = _claim_keys(work, orders, outcomes)
    requests: dict[int, SeatRequest] = {}
    for position, order in enumerate(orders):
        if position not in outcomes:
            found = _find_seats(work, order, policy)
            if isinstance(found, SeatRequest):
                requests[position] = found
            else:
                outcomes[position] = found
    if requests:
        locked = work.seats.lock_all(list(requests.values()), wait=wait)
        seller = _Seller(work, policy)
        for position, seats in zip(requests, locked, strict=True):
            outcomes[position] = seller.sell(orders[position], seats)
    _store(work, orders, outcomes, claimed)
    return [outcomes[position] for position in range(len(orders))]


def _claim_keys(
    work: SalesWork, orders: Sequence[Order], outcomes: dict[int, SaleOutcome]
) -> set[RequestKey]:
    """Claim the orders' keys and return them. Adds the outcomes that the keys decide."""
    first: dict[RequestKey, str] = {}
    repeated = set()
    for position, order in enumerate(orders):
        if order.request and order.key:
            if order.key in first:
                repeated.add(position)
            first.setdefault(order.key, order.request.fingerprint)
    if not first:
        return set()
    kept = work.idempotency_keys.claim(first)
    for position, order in enumerate(orders):
        if order.request and (key := order.key) and key in kept:
            outcomes[position] = replay(kept[key], order.request)
        elif position in repeated:
            outcomes[position] = POSTPONED
    return first.keys() - kept.keys()


def _find_seats(work: SalesWork, order: Order, policy: SalesPolicy) -> SeatRequest | DomainError:
    """Return the seats to lock, or why there are no such seats."""
    try:
        plan = work.seats.plan(order.show_id)
        try:
            numbers = _numbers(plan, order.names, policy)
        except Invalid:  # the cached plan may be stale: the show was changed or deleted
            plan = work.seats.plan(order.show_id, current=True)
            numbers = _numbers(plan, order.names, policy)
    except DomainError as refusal:
        return _as_outcome(refusal)
    buyer = order.customer if policy.per_account else None
    return SeatRequest(order.show_id, numbers, plan, buyer)


def _as_outcome(refusal: DomainError) -> DomainError:
    """Return the refusal of one order. Raises Busy, which concerns the whole batch."""
    if isinstance(refusal, Busy):
        raise refusal
    return refusal.with_traceback(None)  # which would keep the transaction in memory


def _numbers(plan: SeatPlan, names: Sequence[SeatName], policy: SalesPolicy) -> list[SeatNumber]:
    if not 1 <= len(names) <= policy.per_booking:
        raise InvalidFields(seats=f"1 to {policy.per_booking} seats can be booked at once.")
    return plan.find(names)


class _Seller:
    """Sells locked seats, and knows what it sold before in this batch."""

    def __init__(self, work: SalesWork, policy: SalesPolicy) -> None:
        self._work = work
        self._policy = policy
        self._sold: defaultdict[ShowId, set[SeatNumber]] = defaultdict(set)
        self._bought: Counter[tuple[ShowId, AccountId]] = Counter()

    def sell(self, order: Order, locked: Outcome[LockedSeats]) -> SaleOutcome:
        """Return the booking, which is not stored yet, or the refusal."""
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
        except DomainError as refusal:
            return _as_outcome(refusal)
        self._sold[show.id].update(booking.seat_numbers)
        self._bought[buyer] += len(seats)
        return booking


def _require_access(work: SalesWork, show: Show, customer: AccountId) -> None:
    """Raises SalesClosed for a rehearsal's show, unless its own customers buy.

    Sales of public shows do not read the account.
    """
    if show.rehearsal and not show.is_open_to(work.accounts.get(customer)):
        raise SalesClosed("This show is a rehearsal: its seats are not for sale.")


def _store(
    work: SalesWork,
    orders: Sequence[Order],
    outcomes: dict[int, SaleOutcome],
    claimed: set[RequestKey],
) -> None:
    """Insert the bookings, keep the answers of their keys, and release the other keys."""
    bookings = {i: booking for i, booking in outcomes.items() if isinstance(booking, Booking)}
    if bookings:
        stored = work.bookings.add_all(list(bookings.values()))
        bookings = dict(zip(bookings, stored, strict=True))
        outcomes.update(bookings)
    answers = {
        key: request.render(booking)
        for position, booking in bookings.items()
        if (key := orders[position].key) and (request := orders[position].request)
    }
    if answers:
        work.idempotency_keys.keep(answers)
    if unused := claimed - answers.keys():
        work.idempotency_keys.release(unused)
