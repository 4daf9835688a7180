"""The kinds of orders: to book seats, to hold seats, and to book a hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ticketing.domain.accounts.account import AccountId, Actor
from ticketing.domain.programme.seat_plans.numbers import SeatName
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import HoldNotFound
from ticketing.domain.sales.hold import Hold, HoldId, show_of_hold
from ticketing.domain.sales.holding import book_hold, hold_seats
from ticketing.domain.sales.idempotency import Repeatable, RequestKey
from ticketing.domain.sales.ports import LockedSeats, SeatRequest
from ticketing.domain.sales.seller import Decision, Seller
from ticketing.domain.sales.selling import live_holds_of, sell
from ticketing.domain.unit_of_work import POSTPONED, Postponement


class KeyedOrder(Protocol):
    """What a customer wants of one show. ``request`` is set if the client may repeat it."""

    @property
    def show_id(self) -> ShowId: ...
    @property
    def request(self) -> Repeatable[Any] | None: ...
    @property
    def key(self) -> RequestKey | None:
        """The key of the request, if there is one."""


class Order(KeyedOrder, Protocol):
    """An order for seats that the customer names."""

    def find(self, seller: Seller) -> SeatRequest:
        """Return the seats to lock. Raises the refusal if there are no such seats."""

    def decide(self, seller: Seller, locked: LockedSeats) -> Decision | Postponement:
        """Return what the customer gets of the locked seats. Raises the refusal."""


@dataclass(frozen=True, slots=True)
class BookSeats:
    """Book seats by their names. Those that the customer holds leave the hold."""

    show_id: ShowId
    names: Sequence[SeatName]
    customer: AccountId
    request: Repeatable[Booking] | None = None
    is_staff: bool = False

    @property
    def key(self) -> RequestKey | None:
        return request_key(self.request, self.show_id, self.customer, "book")

    def find(self, seller: Seller) -> SeatRequest:
        numbers, plan = seller.find(self.show_id, self.names)
        buyer = self.customer if self._locks_buyer(seller) else None
        return SeatRequest(self.show_id, numbers, plan, buyer)

    def _locks_buyer(self, seller: Seller) -> bool:
        """A sale needs no more than its seats, unless the customer's other seats matter."""
        return bool(seller.policy.per_account) or seller.wait

    def decide(self, seller: Seller, locked: LockedSeats) -> Decision | Postponement:
        show, now = locked.show, seller.work.now()
        seller.require_access(show, self.customer)
        seats = seller.seats(show, locked.seats)
        owned = seller.owned(locked, self.customer)
        booking = sell(
            show,
            seats,
            self.customer,
            owned=owned,
            room=seller.room(show),
            now=now,
            policy=seller.policy,
            is_staff=self.is_staff,
        )
        more = sum(not seat.is_held(now) for seat in seats)
        own = live_holds_of(self.customer, seats, now)
        if not own:
            return Decision(booking, more)
        if not self._locks_buyer(seller) or seller.has_changed(own):
            return POSTPONED
        seller.read_holds(own)
        return Decision(booking, more, [seller.holds[hold_id] for hold_id in own])


@dataclass(frozen=True, slots=True)
class HoldSeats:
    """Hold seats by their names."""

    show_id: ShowId
    names: Sequence[SeatName]
    actor: Actor
    request: Repeatable[Hold] | None = None

    @property
    def key(self) -> RequestKey | None:
        return request_key(self.request, self.show_id, self.actor.account_id, "hold")

    def find(self, seller: Seller) -> SeatRequest:
        numbers, plan = seller.find(self.show_id, self.names)
        seller.expect_hold(self.show_id, self.actor.account_id)
        return SeatRequest(self.show_id, numbers, plan, self.actor.account_id)

    def decide(self, seller: Seller, locked: LockedSeats) -> Decision:
        show, customer = locked.show, self.actor.account_id
        seller.require_access(show, customer)
        hold = hold_seats(
            show,
            seller.seats(show, locked.seats),
            customer,
            owned=seller.owned(locked, customer),
            recent=seller.recent_holds(show.id, customer),
            room=seller.room(show),
            now=seller.work.now(),
            policy=seller.policy,
            is_staff=self.actor.is_staff,
        )
        return Decision(hold, len(hold.seats))


@dataclass(frozen=True, slots=True)
class BookHold:
    """Book all seats of one's own hold."""

    hold_id: HoldId
    actor: Actor
    request: Repeatable[Booking] | None = None

    @property
    def show_id(self) -> ShowId:
        return show_of_hold(self.hold_id)

    @property
    def key(self) -> RequestKey | None:
        operation = f"book {self.hold_id}"
        return request_key(self.request, self.show_id, self.actor.account_id, operation)

    def find(self, seller: Seller) -> SeatRequest:
        hold = self._hold(seller)
        self.actor.require_owner(hold.customer)
        hold.require_unended()
        return SeatRequest(hold.show.id, hold.seat_numbers, hold.show.plan, hold.customer)

    def _hold(self, seller: Seller) -> Hold:
        if self.hold_id not in seller.holds:
            raise HoldNotFound()
        return seller.holds[self.hold_id]

    def decide(self, seller: Seller, locked: LockedSeats) -> Decision | Postponement:
        """The hold was read again under the locks: its seats may have changed in between."""
        show, hold, now = locked.show, self._hold(seller), seller.work.now()
        has_other_seats = hold.seat_numbers != [seat.seat.number for seat in locked.seats]
        if has_other_seats or seller.has_changed({hold.id}):
            return POSTPONED
        booking = book_hold(
            hold,
            show,
            seller.seats(show, locked.seats),
            owned=seller.owned(locked, hold.customer),
            now=now,
            policy=seller.policy,
            is_staff=self.actor.is_staff,
        )
        return Decision(booking, 0 if hold.is_active(now) else len(booking.seats), [hold])


def request_key(
    request: Repeatable[Any] | None, show_id: ShowId, customer: AccountId, operation: str
) -> RequestKey | None:
    return RequestKey(show_id, customer, operation, request.key) if request else None
