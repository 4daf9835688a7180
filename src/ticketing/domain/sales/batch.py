"""Serve several customers in one transaction: most often one, in a crowd dozens."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import ParamSpec, TypeAlias

from ticketing.domain.errors import Busy, DomainError
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.hold import Hold, HoldId
from ticketing.domain.sales.idempotency import Replay, RequestKey, replay
from ticketing.domain.sales.orders import BookHold, KeyedOrder, Order
from ticketing.domain.sales.ports import LockedSeats, SalesWork, SeatRequest
from ticketing.domain.sales.seller import Decision, Seller
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import POSTPONED, GroupTransactions, Outcome, T

P = ParamSpec("P")

OrderOutcome: TypeAlias = Outcome[Booking | Hold | Replay]
Sell: TypeAlias = Callable[[Order], Booking | Hold | Replay]


def grouped_sales(transactions: GroupTransactions[SalesWork], policy: SalesPolicy) -> Sell:
    """Return a function that serves an order; those that wait at once share a transaction."""
    return transactions.grouped(partial(sell_batch, policy=policy), shard=attrgetter("show_id"))


def sell_batch(
    work: SalesWork, orders: Sequence[Order], policy: SalesPolicy, *, wait: bool
) -> list[OrderOutcome]:
    """Decide each order as if those before it had been committed.

    Orders that need what another transaction has locked are postponed, unless they may ``wait``;
    so are orders with the idempotency key of an order before them.
    """
    outcomes: dict[int, OrderOutcome] = {}  # by the order's position
    claimed = claim_keys(work, orders, outcomes)
    seller = Seller(work, policy, wait=wait)
    seller.read_holds(_holds_to_book(orders))
    requests: dict[int, SeatRequest] = {}
    for position, order in enumerate(orders):
        if position not in outcomes:
            found = refusal_or(order.find, seller)
            if isinstance(found, SeatRequest):
                requests[position] = found
            else:
                outcomes[position] = found
    decisions: dict[int, Decision] = {}
    if requests:
        all_locked = work.seats.lock_all(list(requests.values()), wait=wait)
        seller.read_holds(_holds_to_book(orders))
        for position, locked in zip(requests, all_locked, strict=True):
            decided: Outcome[Decision] = (
                refusal_or(orders[position].decide, seller, locked)
                if isinstance(locked, LockedSeats)
                else locked
            )
            if isinstance(decided, Decision):
                seller.remember(decided)
                decisions[position] = decided
            else:
                outcomes[position] = decided
    results = store(work, decisions)
    keep_answers(work, orders, results, claimed)
    outcomes.update(results)
    return [outcomes[position] for position in range(len(orders))]


def _holds_to_book(orders: Sequence[Order]) -> set[HoldId]:
    return {order.hold_id for order in orders if isinstance(order, BookHold)}


def refusal_or(decide: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | DomainError:
    """Return the refusal of one order. Raises Busy, which concerns the whole batch."""
    try:
        return decide(*args, **kwargs)
    except Busy:
        raise
    except DomainError as refusal:
        return refusal.with_traceback(None)  # which would keep the transaction in memory


def claim_keys(
    work: SalesWork, orders: Sequence[KeyedOrder], outcomes: dict[int, OrderOutcome]
) -> set[RequestKey]:
    """Claim the orders' keys and return them. Adds the outcomes that the keys decide."""
    first: dict[RequestKey, str] = {}
    repeated = set()
    for position, order in enumerate(orders):
        if order.request and (key := order.key):
            if key in first:
                repeated.add(position)
            first.setdefault(key, order.request.fingerprint)
    if not first:
        return set()
    kept = work.idempotency_keys.claim(first)
    for position, order in enumerate(orders):
        if order.request and (key := order.key) and key in kept:
            outcomes[position] = replay(kept[key], order.request)
        elif position in repeated:
            outcomes[position] = POSTPONED
    return first.keys() - kept.keys()


def store(work: SalesWork, decisions: Mapping[int, Decision]) -> dict[int, Booking | Hold]:
    """Store what the orders got, and return it."""
    results = {position: decision.result for position, decision in decisions.items()}
    sold = {i: result for i, result in results.items() if isinstance(result, Booking)}
    if sold:
        stored = work.bookings.add_all(list(sold.values()))
        results.update(zip(sold, stored, strict=True))
    if held := [result for result in results.values() if isinstance(result, Hold)]:
        work.holds.add_all(held)
    left = [
        hold.sold(booking)
        for position, decision in decisions.items()
        for hold in decision.left
        if isinstance(booking := results[position], Booking)
    ]
    if left:
        work.holds.save_all(left)
    return results


def keep_answers(
    work: SalesWork,
    orders: Sequence[KeyedOrder],
    results: Mapping[int, Booking | Hold],
    claimed: set[RequestKey],
) -> None:
    """Keep the answers of the orders' keys, and release the other keys."""
    answers = {
        key: request.render(result)
        for position, result in results.items()
        if (key := orders[position].key) and (request := orders[position].request)
    }
    if answers:
        work.idempotency_keys.keep(answers)
    if unused := claimed - answers.keys():
        work.idempotency_keys.release(unused)
