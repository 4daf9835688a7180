"""What the orders of one transaction share: the store, and what each changed for those after it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from functools import cached_property
from typing import NamedTuple

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Invalid, InvalidFields
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatName, SeatNumber
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import SalesClosed
from ticketing.domain.sales.hold import Hold, HoldId
from ticketing.domain.sales.ports import LockedSeats, OpenSeats, SalesWork
from ticketing.domain.sales.selling import Room, SalesPolicy, SeatHold, ShowSeat


class Seller:
    """Serves orders in turn, each as if those before it had been committed."""

    def __init__(self, work: SalesWork, policy: SalesPolicy, *, wait: bool) -> None:
        """If it may not ``wait`` for locks, orders that would have to are postponed."""
        self.work = work
        self.policy = policy
        self.wait = wait
        self._changed: dict[tuple[ShowId, SeatNumber], ShowSeat] = {}
        self._acquired: Counter[tuple[ShowId, AccountId]] = Counter()
        self._changed_holds: set[HoldId] = set()
        self._holders: defaultdict[ShowId, set[AccountId]] = defaultdict(set)
        self._recent_holds: dict[ShowId, Mapping[AccountId, Sequence[Hold]]] = {}
        self.holds: dict[HoldId, Hold] = {}
        """The holds that were read, as the store has them."""

    # --- before the locks

    def find(self, show_id: ShowId, names: Sequence[SeatName]) -> tuple[list[SeatNumber], SeatPlan]:
        """Return the numbers of the seats, and the plan that they are of.

        Raises ShowNotFound, InvalidFields, UnknownSeat and SeatNamedTwice.
        """
        plan = self.work.seats.plan(show_id)
        try:
            return self._numbers(plan, names), plan
        except Invalid:  # the cached plan may be stale: the show was changed or deleted
            plan = self.work.seats.plan(show_id, current=True)
            return self._numbers(plan, names), plan

    def _numbers(self, plan: SeatPlan, names: Sequence[SeatName]) -> list[SeatNumber]:
        limit = self.policy.per_booking
        if not 1 <= len(names) <= limit:
            raise InvalidFields(seats=f"1 to {limit} seats can be booked at once.")
        return plan.find(names)

    def expect_hold(self, show_id: ShowId, customer: AccountId) -> None:
        """Prepare for ``recent_holds``, which reads those of all expected customers at once."""
        self._holders[show_id].add(customer)

    # --- after the locks

    def read_holds(self, hold_ids: Collection[HoldId]) -> None:
        """Read holds as they are now; those that do not exist are left out."""
        if hold_ids:
            for hold_id in hold_ids:
                self.holds.pop(hold_id, None)
            self.holds |= self.work.holds.find_all(hold_ids)

    def recent_holds(self, show_id: ShowId, customer: AccountId) -> Sequence[Hold]:
        """Return the customer's holds of the show that may have ended unbooked a short time ago."""
        if show_id not in self._recent_holds:
            expiring_after = self.work.now() - self.policy.hold
            read = self.work.holds.unbooked_of(show_id, self._holders[show_id], expiring_after)
            self._recent_holds[show_id] = read
        recent = self._recent_holds[show_id].get(customer, ())
        # Those that orders before booked, in whole or in part, did not end unbooked.
        return [hold for hold in recent if hold.id not in self._changed_holds]

    def require_access(self, show: Show, customer: AccountId) -> None:
        """Raise SalesClosed for a rehearsal's show, unless its own customers buy.

        Sales of public shows do not read the account.
        """
        if show.rehearsal and not show.is_open_to(self.work.accounts.get(customer)):
            raise SalesClosed("This show is a rehearsal: its seats are not for sale.")

    def seats(self, show: Show, seats: Iterable[ShowSeat]) -> list[ShowSeat]:
        """Return the seats as the orders before left them."""
        return [self._changed.get((show.id, seat.seat.number), seat) for seat in seats]

    def open_seats(self, show: Show) -> OpenSeats:
        """Return those of the show, as the orders before left them."""
        changed = {number: seat for (id_, number), seat in self._changed.items() if id_ == show.id}
        _, free, held = self.work.seats.open_seats(show.id)
        newly_held = {number for number, seat in changed.items() if seat.hold}
        return OpenSeats(show, free - changed.keys(), held - changed.keys() | newly_held)

    def owned(self, locked: LockedSeats, customer: AccountId) -> int:
        """Return how many seats of the show the customer has, if their number was locked."""
        return locked.owned + self._acquired[locked.show.id, customer]

    def room(self, show: Show) -> Room:
        return _Room(self, show)

    def has_changed(self, hold_ids: Collection[HoldId]) -> bool:
        """Return whether an order before this one made or changed any of the holds."""
        return not self._changed_holds.isdisjoint(hold_ids)

    def remember(self, decision: "Decision") -> None:
        """Let the orders that follow see what this one got."""
        result, more, left = decision
        show_id = result.show.id
        buyer = show_id, result.customer
        self._acquired[buyer] += more
        self._changed_holds.update(hold.id for hold in left)
        booking_id, hold = None, None
        if isinstance(result, Hold):
            self._changed_holds.add(result.id)
            hold = SeatHold(result.id, result.customer, result.expires_at)
        else:
            booking_id = result.id
        for seat in result.seats:
            self._changed[show_id, seat.number] = ShowSeat(seat, booking_id, hold)


class Decision(NamedTuple):
    """What an order gets, to be stored, and what else that changes.

    The customer owns so many ``more`` seats than before; the seats of a booking leave the holds
    in ``left``.
    """

    result: Booking | Hold
    more: int
    left: Sequence[Hold] = ()


class _Room:
    """The ``Room`` of an order."""

    def __init__(self, seller: Seller, show: Show) -> None:
        self._seller = seller
        self._show = show

    def is_full(self) -> bool:
        return self._seller.work.seats.is_full(self._show.id)

    @cached_property
    def _open(self) -> OpenSeats:
        return self._seller.open_seats(self._show)

    @property
    def free(self) -> Set[SeatNumber]:
        return self._open.free

    @property
    def held(self) -> Set[SeatNumber]:
        return self._open.held

    def owned_by(self, customer: AccountId) -> Collection[SeatNumber]:
        return self._seller.work.seats.owned(self._show.id, customer)
