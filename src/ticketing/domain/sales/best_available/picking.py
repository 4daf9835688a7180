"""Serve several parties of one show that leave the choice of seats to us, in one transaction.

They would all choose the same seats. So they queue for the show's row, and each chooses from the
seats that those before it left. Sales by name do not wait for that row: they may take a seat that
was just picked. Then its party picks again.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from operator import attrgetter
from typing import TypeAlias

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Locked
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.sales.batch import (
    OrderOutcome,
    claim_keys,
    keep_answers,
    refusal_or,
    store,
)
from ticketing.domain.sales.best_available.best_available import best_available
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.best_available.party_orders import PartyOrder
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import NoSeats
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.idempotency import Replay
from ticketing.domain.sales.ports import OpenSeats, SalesWork
from ticketing.domain.sales.seller import Decision, Seller
from ticketing.domain.sales.selling import SalesPolicy, ShowSeat, require_on_sale
from ticketing.domain.unit_of_work import POSTPONED, GroupTransactions, Outcome, Postponement

MAX_ROUNDS = 5
"""How often a party picks in one transaction, while others take what it picked."""

Pick: TypeAlias = Callable[[PartyOrder], Booking | Hold | Replay]


def grouped_picks(transactions: GroupTransactions[SalesWork], policy: SalesPolicy) -> Pick:
    """Return a function that serves an order; those of a show that wait at once share a batch."""
    decide = partial(pick_batch, policy=policy)
    return transactions.grouped(decide, shard=attrgetter("show_id"), by_shard=True)


def pick_batch(
    work: SalesWork, orders: Sequence[PartyOrder], policy: SalesPolicy, *, wait: bool
) -> list[OrderOutcome]:
    """Decide the orders, all of one show, each as if those before it had been committed.

    Postponed are: orders of a customer that another transaction has locked, unless they may
    ``wait``; orders for which seats may be left that other transactions have locked; the second
    order with one idempotency key, or of one customer.
    """
    outcomes: dict[int, OrderOutcome] = {}  # by the order's position
    claimed = claim_keys(work, orders, outcomes)
    undecided = {place: order for place, order in enumerate(orders) if place not in outcomes}
    decisions: dict[int, Decision] = {}
    if undecided:
        seller = Seller(work, policy, wait=wait)
        try:
            decided = _pick(seller, undecided)
        except Locked:
            if wait:
                raise
            return [POSTPONED for _ in orders]  # the transaction may have failed
        for place, outcome in decided.items():
            if isinstance(outcome, Decision):
                decisions[place] = outcome
            else:
                outcomes[place] = outcome
    results = store(work, decisions)
    keep_answers(work, orders, results, claimed)
    outcomes.update(results)
    return [outcomes[place] for place in range(len(orders))]


def _pick(seller: Seller, orders: Mapping[int, PartyOrder]) -> dict[int, Outcome[Decision]]:
    """Lock the customers and the show, then decide the orders."""
    seats = seller.work.seats
    show_id = next(iter(orders.values())).show_id
    customers = {each.customer for each in orders.values() if each.locks_customer(seller.policy)}
    owned = seats.lock_customers(show_id, customers, wait=seller.wait) if customers else {}
    for customer in owned:
        seller.expect_hold(show_id, customer)
    waiting = set(owned)
    served: dict[int, PartyOrder] = {}
    for place, order in orders.items():
        if not order.locks_customer(seller.policy):
            served[place] = order
        elif order.customer in waiting:
            served[place] = order
            waiting.remove(order.customer)
    decided: dict[int, Outcome[Decision]] = {}
    if served:
        try:
            seats.lock_show(show_id, wait=seller.wait)
            picker = _Picker(seller, seats.open_seats(show_id), owned)
        except ShowNotFound:
            decided = {place: ShowNotFound() for place in served}
        else:
            decided = picker.serve(served)
    return {place: decided.get(place, POSTPONED) for place in orders}


class _Picker:
    """Lets parties pick in turn, and knows what is left of the room."""

    def __init__(self, seller: Seller, room: OpenSeats, owned: Mapping[AccountId, int]) -> None:
        """``owned`` is how many seats of the show each customer that is locked has."""
        self._seller = seller
        self._show = room.show
        self._free = {*room.free}
        self._held = {*room.held}
        self._locked: set[SeatNumber] = set()  # by others: these may be sold, or stay free
        self._owned = owned

    def serve(self, orders: Mapping[int, PartyOrder]) -> dict[int, Outcome[Decision]]:
        outcomes: dict[int, Outcome[Decision]] = {}
        for _ in range(MAX_ROUNDS):
            undecided = [place for place in orders if place not in outcomes]
            decided = {place: refusal_or(self._decide, orders[place]) for place in undecided}
            picks = [each for each in decided.values() if isinstance(each, Decision)]
            lost = self._lock(picks)
            for place, outcome in decided.items():
                if isinstance(outcome, Decision):
                    numbers = {seat.number for seat in outcome.result.seats}
                    if lost.isdisjoint(numbers):
                        outcomes[place] = outcome
                    else:
                        self._give_back(numbers - lost)
                elif not lost:  # else it may get what another gave back
                    outcomes[place] = outcome
            if not lost:
                break
        return {place: outcomes.get(place, POSTPONED) for place in orders}

    def _decide(self, order: PartyOrder) -> Decision | Postponement:
        """Raises, in this order, InvalidFields, SalesClosed, NoSeats, SeatLimit, HoldAtLimit."""
        seller, show = self._seller, self._show
        order.party.check(show.plan)
        seller.require_access(show, order.customer)
        require_on_sale(show, seller.work.now(), seller.policy)
        picked = self._choose(order.party)
        if isinstance(picked, Postponement):
            return picked
        seats = [ShowSeat(show.plan.seat(number)) for number in picked]
        decision = order.decide(seller, show, seats, self._owned.get(order.customer, 0))
        self._free.difference_update(picked)
        if isinstance(decision.result, Hold):
            self._held.update(picked)
        return decision

    def _give_back(self, numbers: AbstractSet[SeatNumber]) -> None:
        self._free |= numbers
        self._held -= numbers

    def _choose(self, party: Party) -> list[SeatNumber] | Postponement:
        """Raises NoSeats where the seats that others have locked would not do either."""
        plan = self._show.plan
        try:
            return best_available(plan, party, self._free, self._held)
        except NoSeats:
            if not self._locked:
                raise
        best_available(plan, party, self._free | self._locked, self._held)
        return POSTPONED

    def _lock(self, picks: Sequence[Decision]) -> set[SeatNumber]:
        """Lock what was picked, and return the seats that were lost since the room was read."""
        picked = {seat.number for pick in picks for seat in pick.result.seats}
        if not picked:
            return set()
        seats = self._seller.work.seats.lock_picked(self._show.id, sorted(picked)).seats
        now = self._seller.work.now()
        lost = picked - {seat.seat.number for seat in seats if seat.is_free(now)}
        self._held -= lost
        self._held |= {seat.seat.number for seat in seats if seat.is_held(now)}
        self._locked |= picked - {seat.seat.number for seat in seats}
        return lost
