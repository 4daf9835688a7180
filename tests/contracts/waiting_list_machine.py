"""Random sequences of calls on a waiting list: each seat belongs to one, entries are in order."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.builders import SALES_GRACE, Clock, a_show, put_on, register
from tests.contracts.fixtures import ALL
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.box_office import Queries, UnitOfWork
from ticketing.domain.errors import DomainError
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.sales.best_available.best_available import best_available
from ticketing.domain.sales.blocked_seats_service import BlockedSeatsService
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import NoSeats
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.sales.waiting_list.entry import EntryStatus, WaitingListEntry
from ticketing.domain.sales.waiting_list.offers import OfferService
from ticketing.domain.sales.waiting_list.waiting_list_service import WaitingListService
from ticketing.domain.unit_of_work import GroupTransactions

POLICY = SalesPolicy(SALES_GRACE)
SEATS = st.integers(1, 6)
OWNER = 4
CUSTOMERS = st.integers(0, OWNER)
NTH = st.integers(0, 20)


class WaitingListMachine(RuleBasedStateMachine):
    """A sold-out show with two rows of three seats, which begins in a day and some hours."""

    def __init__(
        self, transactions: GroupTransactions[UnitOfWork], queries: Queries, clock: Clock
    ) -> None:
        super().__init__()
        self.queries, self.clock = queries, clock
        starts_at = clock.now + timedelta(hours=28)
        self.show = put_on(transactions, a_show(plan=plain_grid(6, 3), starts_at=starts_at))
        accounts = [register(transactions, f"customer-{uuid4().hex}") for _ in range(OWNER + 1)]
        self.actors = [Actor(account, Role.CUSTOMER) for account in accounts]
        self.bookings = BookingService(transactions, POLICY)
        self.holds = HoldService(transactions, POLICY)
        self.blocking = BlockedSeatsService(transactions)
        self.lists = WaitingListService(transactions, POLICY)
        self.offers = OfferService(transactions, queries.waiting_list)
        for number in self.show.plan.numbers:
            self.book(OWNER, number)
        self.join([(0, 2, True), (1, 1, True), (2, 1, False), (3, 1, True)])

    def attempt(self, act: Callable[[], object]) -> None:
        with suppress(DomainError):
            act()

    @property
    def entries(self) -> list[WaitingListEntry]:
        """All entries, by position."""
        read = self.queries.waiting_list.entries_after
        found = [entry for each in self.actors for entry, _ in read(each.account_id, None, 1000)]
        return sorted(found, key=lambda entry: entry.position)

    @rule(customer=CUSTOMERS, seat=SEATS)
    def book(self, customer: int, seat: int) -> None:
        account = self.actors[customer].account_id
        self.attempt(lambda: self.bookings.book(self.show.id, [seat], account))

    @rule(nths=st.lists(NTH, min_size=1, max_size=3), seconds=st.sampled_from([0, 1, 5]))
    def cancel(self, nths: list[int], seconds: int) -> None:
        """Some bookings are cancelled; offers are made at once or later."""
        for nth in nths:
            if sold := [*self.queries.sales.sold_seats(self.show.id).values()]:
                booking = self.queries.sales.booking(sold[nth % len(sold)])
                actor = Actor(booking.customer, Role.CUSTOMER)
                self.attempt(partial(self.bookings.cancel, self.show.id, booking.id, actor))
        self.wait(seconds)
        self.make_offers()

    @rule(customer=CUSTOMERS, seat=SEATS)
    def hold(self, customer: int, seat: int) -> None:
        self.attempt(lambda: self.holds.hold(self.show.id, [seat], self.actors[customer]))

    @rule(nth=NTH, use=st.sampled_from(["book", "release", "extend", "wait"]))
    def use_a_hold(self, nth: int, use: str) -> None:
        """Most holds are offers."""
        found = self.queries.sales.holds_of_show(self.show.id, ALL).items
        held = sorted(found, key=lambda each: each.hold.seat_numbers)  # ids are random
        if held and use == "wait":
            self.wait(1800)
        elif held:
            hold = held[nth % len(held)].hold
            actor = Actor(hold.customer, Role.CUSTOMER)
            self.attempt(lambda: getattr(self.holds, use)(hold.id, actor))

    @rule(seats=st.sets(SEATS, max_size=2))
    def block(self, seats: set[int]) -> None:
        self.attempt(lambda: self.blocking.block(self.show.id, [*seats]))

    @rule(parties=st.lists(st.tuples(CUSTOMERS, st.integers(1, 3), st.booleans()), min_size=3))
    def join(self, parties: list[tuple[int, int, bool]]) -> None:
        for customer, count, together in parties:
            actor = self.actors[customer]
            self.attempt(partial(self.lists.join, self.show.id, count, together, actor))

    @rule(nth=NTH)
    def leave(self, nth: int) -> None:
        if entries := self.entries:
            entry = entries[nth % len(entries)]
            self.lists.leave(entry.id, Actor(entry.customer, Role.CUSTOMER))

    @rule(seconds=st.sampled_from([1, 4, 60, 600, 14_400]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    @rule()
    def make_offers(self) -> None:
        """Each queued entry is offered seats if some are left for it, when its turn comes."""
        now = self.clock.now
        (_, free, held), _, _ = self.queries.waiting_list.queue(self.show.id)
        queued = [entry for entry in self.entries if entry.is_queued]
        self.offers.serve_all()
        after = {entry.id: entry for entry in self.entries}
        for entry in sorted(queued, key=lambda each: each.position):
            offer = after[entry.id].offer
            if now >= self.show.starts_at - timedelta(hours=2):
                assert after[entry.id].status(now) is EntryStatus.CLOSED
            elif offer is None:
                try:
                    best_available(self.show.plan, entry.party, free, held)
                except NoSeats:
                    continue
                raise AssertionError(f"{entry.party} waits although seats are left for it.")
            else:
                given = {*offer.seat_numbers}
                assert given <= free
                free, held = free - given, held | given

    @invariant()
    def each_seat_belongs_to_one(self) -> None:
        now, entries = self.clock.now, self.entries
        bookings = self.queries.sales.bookings_of_show(self.show.id, ALL).items
        sold = [n for booking in bookings if booking.is_active for n in booking.seat_numbers]
        live = [each.hold for each in self.queries.sales.holds_of_show(self.show.id, ALL).items]
        held = [number for hold in live for number in hold.seat_numbers]
        seat_map = self.queries.sales.seat_map(self.show.id)
        owned = [*sold, *held, *seat_map.blocked]
        assert len(owned) == len({*owned})
        assert {*seat_map.booked} == {*sold}
        assert {*seat_map.held} >= {*held}
        show = self.queries.programme.show(self.show.id).show
        assert show.has_waiting is any(entry.is_queued for entry in entries)
        if not show.has_waiting:
            assert {*seat_map.held} == {*held}
        offered = (entry for entry in entries if entry.status(now) is EntryStatus.OFFERED)
        offers = {entry.offer.id for entry in offered if entry.offer}
        assert {hold.id for hold in live if hold.is_offer} == offers
        active = [entry.customer for entry in entries if entry.is_active(now)]
        assert len(active) == len({*active})
