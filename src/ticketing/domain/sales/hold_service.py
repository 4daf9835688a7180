"""Hold seats, change, extend and release holds, and book them."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

from ticketing.domain.accounts.account import AccountId, Actor
from ticketing.domain.audit import record
from ticketing.domain.errors import Busy, DomainError
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatName, SeatNumber
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.batch import Sell, grouped_sales
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.errors import HoldBooked, HoldExpired, HoldNotFound
from ticketing.domain.sales.hold import Hold, HoldId, TimedHold
from ticketing.domain.sales.holding import change_seats, lost_seats
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.orders import BookHold, HoldSeats
from ticketing.domain.sales.ports import LockedSeats, SalesWork, SeatRequest
from ticketing.domain.sales.seller import Seller
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import GroupTransactions, Postponement

RETENTION = timedelta(hours=49)
"""How long a hold is stored after it expired. Its customer can see it for a day after its end, and
may book it a day after it expired, if no one else took its seats."""


class HoldService:
    """Each call runs in one transaction. Holds by name, and their bookings, share the batches of
    sales.

    ``hold_once`` and ``book_once`` take the client's request: a repeat of it changes nothing and
    returns the first answer as a ``Replay``; they raise IdempotencyKeyReused too. Calls with the
    id of a hold raise HoldNotFound and, for one of another customer, Forbidden.
    """

    def __init__(
        self,
        transactions: GroupTransactions[SalesWork],
        policy: SalesPolicy,
        sell: Sell | None = None,
    ) -> None:
        """``sell`` serves orders in batches, which other services share."""
        self._transact = transactions
        self._policy = policy
        self._sell = sell or grouped_sales(transactions, policy)

    def hold(self, show_id: ShowId, names: Sequence[SeatName], actor: Actor) -> Hold:
        """Hold all the seats with these ``names``, or none.

        Raises ShowNotFound, InvalidFields, UnknownSeat, SeatNamedTwice, SalesClosed, ShowFull,
        SeatTaken, SeatHeld, CompanionSeat, SeatLimit, HoldAtLimit and OrphanSeat.
        """
        hold = self._sell(HoldSeats(show_id, names, actor))
        assert isinstance(hold, Hold)  # only requests with a key are replayed
        return hold

    def hold_once(
        self,
        show_id: ShowId,
        names: Sequence[SeatName],
        actor: Actor,
        request: Repeatable[Hold],
    ) -> Hold | Replay:
        """Hold as ``hold`` does, unless this request was answered before."""
        hold = self._sell(HoldSeats(show_id, names, actor, request))
        assert not isinstance(hold, Booking)
        return hold

    def book(self, hold_id: HoldId, actor: Actor) -> Booking:
        """Sell exactly the seats of one's own hold.

        Raises HoldBooked, HoldReleased, SalesClosed; for an expired hold HoldLost and SeatLimit,
        and for an expired offer HoldExpired.
        """
        booking = self._sell(BookHold(hold_id, actor))
        assert isinstance(booking, Booking)
        return booking

    def book_once(
        self, hold_id: HoldId, actor: Actor, request: Repeatable[Booking]
    ) -> Booking | Replay:
        """Sell as ``book`` does, unless this request was answered before."""
        booking = self._sell(BookHold(hold_id, actor, request))
        assert not isinstance(booking, Hold)
        return booking

    def change(self, hold_id: HoldId, names: Sequence[SeatName], actor: Actor) -> TimedHold:
        """Let one's own hold have exactly the seats with these ``names``, or change nothing.

        It expires when it would have. Raises InvalidFields, UnknownSeat, SeatNamedTwice,
        HoldBooked, HoldReleased, HoldExpired, HoldIsOffer, and as ``hold`` does.
        """

        def work(work: SalesWork) -> TimedHold:
            hold = _own(work, hold_id, actor)
            seller = Seller(work, self._policy, wait=True)
            numbers, plan = seller.find(hold.show.id, names)
            seller.expect_hold(hold.show.id, hold.customer)
            hold.require_unended()
            hold, locked = _lock(work, hold, numbers, plan)
            show, seats, owned = locked
            changed = change_seats(
                hold,
                show,
                [seat for seat in seats if seat.seat.number in numbers],
                owned=owned,
                recent=seller.recent_holds(show.id, hold.customer),
                room=seller.room(show),
                now=work.now(),
                policy=self._policy,
                is_staff=actor.is_staff,
            )
            if changed != hold:
                work.holds.save_all([changed])
            return TimedHold(changed, work.now())

        return self._transact(work)

    def extend(self, hold_id: HoldId, actor: Actor) -> TimedHold:
        """Let one's own hold last longer.

        Raises HoldBooked, HoldReleased, HoldExpired and HoldAtLimit.
        """

        def work(work: SalesWork) -> TimedHold:
            hold = _own(work, hold_id, actor)
            hold.require_unended()
            hold, locked = _lock(work, hold)
            extended = hold.extended(work.now(), self._policy.hold)
            if lost_seats(hold, locked.seats):  # the store's clock was set back since it expired
                raise HoldExpired()
            if extended != hold:
                work.holds.save_all([extended])
            return TimedHold(extended, work.now())

        return self._transact(work)

    def release(self, hold_id: HoldId, actor: Actor) -> None:
        """End a hold and free its seats, for its customer or the staff. Raises HoldBooked."""

        def work(work: SalesWork) -> None:
            hold = work.holds.get(hold_id)
            actor.require_own(hold.customer)
            if _release(work, hold) and actor.account_id != hold.customer:
                record(
                    work,
                    actor.account_id,
                    "hold.ended",
                    "show",
                    hold.show.id,
                    hold=hold.id,
                    seats=[seat.label for seat in hold.seats],
                )

        self._transact(work)

    def release_all_of(self, customer: AccountId) -> None:
        """End the active holds of an account that is to be deleted, each in a transaction."""
        for hold_id in self._transact(lambda work: work.holds.live_of(customer)):
            with suppress(HoldBooked, HoldNotFound, ShowNotFound):  # in the meantime
                self._transact(partial(_release_by_id, hold_id))

    def purge(self) -> None:
        """Delete holds that expired long ago, in several transactions."""
        while self._transact(lambda work: work.holds.purge(work.now() - RETENTION)):
            pass


def _own(work: SalesWork, hold_id: HoldId, actor: Actor) -> Hold:
    hold = work.holds.get(hold_id)
    actor.require_owner(hold.customer)
    return hold


def _lock(
    work: SalesWork,
    hold: Hold,
    more: Sequence[SeatNumber] = (),
    plan: SeatPlan | None = None,
) -> tuple[Hold, LockedSeats]:
    """Lock the customer, the seats of the hold and ``more`` seats, then read them.

    Raises Busy where the hold got other seats before it was locked.
    """
    numbers = sorted({*hold.seat_numbers, *more})
    request = SeatRequest(hold.show.id, numbers, plan or hold.show.plan, hold.customer)
    [locked] = work.seats.lock_all([request], wait=True)
    if isinstance(locked, Postponement):
        raise Busy()
    if isinstance(locked, DomainError):
        raise locked
    current = work.holds.get(hold.id)
    if current.seat_numbers != hold.seat_numbers:
        raise Busy()
    return current, locked


def _release_by_id(hold_id: HoldId, work: SalesWork) -> None:
    _release(work, work.holds.get(hold_id))


def _release(work: SalesWork, hold: Hold) -> bool:
    """Release the hold and return whether that changed anything. Raises HoldBooked."""
    if hold.is_ended:
        hold.released(hold.expires_at)
        return False
    hold, _ = _lock(work, hold)
    released = hold.released(work.now())
    if released == hold:
        return False
    work.holds.save_all([released])
    return True
