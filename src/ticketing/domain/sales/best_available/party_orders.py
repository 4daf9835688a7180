"""The kinds of orders of parties that leave the choice of seats to us."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ticketing.domain.accounts.account import AccountId, Actor
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.holding import new_hold
from ticketing.domain.sales.idempotency import Repeatable, RequestKey
from ticketing.domain.sales.orders import KeyedOrder, request_key
from ticketing.domain.sales.seller import Decision, Seller
from ticketing.domain.sales.selling import (
    SalesPolicy,
    ShowSeat,
    booking_of,
    require_within_limit,
)


class PartyOrder(KeyedOrder, Protocol):
    """An order for the best available seats."""

    @property
    def party(self) -> Party: ...
    @property
    def customer(self) -> AccountId: ...
    def locks_customer(self, policy: SalesPolicy) -> bool:
        """Return whether the other seats of the customer matter."""

    def decide(
        self, seller: Seller, show: Show, picked: Sequence[ShowSeat], owned: int
    ) -> Decision:
        """Return what the customer gets, who owns so many seats already. Raises the refusal."""


@dataclass(frozen=True, slots=True)
class BookParty:
    """Book the best available seats."""

    show_id: ShowId
    party: Party
    customer: AccountId
    request: Repeatable[Booking] | None = None
    is_staff: bool = False

    @property
    def key(self) -> RequestKey | None:
        return request_key(self.request, self.show_id, self.customer, "book")

    def locks_customer(self, policy: SalesPolicy) -> bool:
        return bool(policy.per_account)

    def decide(
        self, seller: Seller, show: Show, picked: Sequence[ShowSeat], owned: int
    ) -> Decision:
        if not self.is_staff:
            require_within_limit(owned, len(picked), seller.policy)
        return Decision(booking_of(show, picked, self.customer, seller.work.now()), len(picked))


@dataclass(frozen=True, slots=True)
class HoldParty:
    """Hold the best available seats."""

    show_id: ShowId
    party: Party
    actor: Actor
    request: Repeatable[Hold] | None = None

    @property
    def customer(self) -> AccountId:
        return self.actor.account_id

    @property
    def key(self) -> RequestKey | None:
        return request_key(self.request, self.show_id, self.customer, "hold")

    def locks_customer(self, policy: SalesPolicy) -> bool:
        return True

    def decide(
        self, seller: Seller, show: Show, picked: Sequence[ShowSeat], owned: int
    ) -> Decision:
        if not self.actor.is_staff:
            require_within_limit(owned, len(picked), seller.policy)
        recent = seller.recent_holds(show.id, self.customer)
        now, policy = seller.work.now(), seller.policy
        hold = new_hold(show, picked, self.customer, recent=recent, now=now, policy=policy)
        return Decision(hold, len(picked))
