"""Random changes of a programme, run on a store and on a model of it."""

from datetime import timedelta
from secrets import token_hex
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    precondition,
    rule,
)

from tests.builders import CLEANING, PASSWORD, SALES_GRACE, Clock, a_movie, account_service
from tests.contracts.concurrent_calls import answer
from tests.contracts.model import ALLOWED, HOLD, MAX_HOLD, Model, ModelShow, Refusals
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.accounts.errors import UsernameTaken
from ticketing.domain.box_office import Queries, UnitOfWork
from ticketing.domain.errors import DomainError
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.show import ShowId
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.blocked_seats_service import BlockedSeatsService
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import GroupTransactions

TOTALS = st.integers(2, 4)
HOURS = st.sampled_from([48, 24, 1])
CHANGES = st.sampled_from(["move", "rebuild", "call off", "remove"])
MOST = 3
"""Few shows and customers, so that they meet often."""


class ProgrammeMachine(RuleBasedStateMachine):
    """It uses its own names, movie and shows, because other sequences may have used the store."""

    customers = Bundle("customers")
    shows = Bundle("shows")

    def __init__(
        self, transactions: GroupTransactions[UnitOfWork], queries: Queries, clock: Clock
    ) -> None:
        super().__init__()
        self.clock = clock
        self.queries = queries
        self.transactions = transactions
        policy = SalesPolicy(SALES_GRACE, hold=HOLD, max_hold=MAX_HOLD)
        self.sales = BookingService(transactions, policy)
        self.holds = HoldService(transactions, policy, self.sales.sell)
        self.blocked_seats = BlockedSeatsService(transactions)
        self.programme = ProgrammeService(transactions, CLEANING)
        self.accounts = account_service(transactions, queries)
        self.model = Model(clock)
        self.name = token_hex(6)
        self.movie = self.programme.add_movie(a_movie(self.name))
        self.known: dict[str, AccountId] = {}

    def attempt(self, refusals: Refusals, act: Any, *args: Any) -> Any:
        """Return the result, or None if it is refused as the model requires."""
        result = answer(act, *args)
        if not refusals:
            assert not isinstance(result, DomainError), f"refused: {result!r}"
            return result
        assert type(result) in refusals, f"{result!r} instead of {refusals}"
        return None

    @initialize(target=customers)
    def two_customers(self) -> Any:
        return multiple(self.sign_up("maria"), self.sign_up("otto"))

    @precondition(lambda self: len(self.known) < MOST)
    @rule(target=customers, username=st.sampled_from(["maria", "OTTO", "frida"]))
    def a_customer_signs_up(self, username: str) -> Any:
        return self.sign_up(username) or multiple()

    def sign_up(self, username: str) -> AccountId | None:
        key = username.casefold()
        refusals = (UsernameTaken,) if key in self.known else ALLOWED
        result = self.attempt(refusals, self.accounts.sign_up, username + self.name, PASSWORD)
        if result is None:
            return None
        self.known[key] = result.id
        return self.known[key]

    @initialize(target=shows, total=TOTALS)
    def a_first_show(self, total: int) -> Any:
        return self.put_on(total, hours=48)

    @precondition(lambda self: len(self.model.shows) < MOST)
    @rule(target=shows, total=TOTALS, hours=HOURS)
    def put_on(self, total: int, hours: int) -> ShowId:
        starts_at = self.clock.now + timedelta(hours=hours)
        screen = f"{self.name}-{token_hex(4)}"  # a new one, so that no show overlaps
        draft = ShowDraft(
            movie_id=self.movie.id, screen_name=screen, total_seats=total, starts_at=starts_at
        )
        show = self.programme.add_show(draft)
        assert show.plan.total_seats == total
        self.model.shows[show.id] = ModelShow(total, starts_at)
        return show.id

    @rule(show_id=shows, change=CHANGES, hours=HOURS, total=TOTALS)
    def change(self, show_id: ShowId, change: str, hours: int, total: int) -> None:
        """One rule, so that sequences contain more sales than programme changes."""
        match change:
            case "move":
                self._changes(show_id, starts_at=self.clock.now + timedelta(hours=hours))
            case "rebuild":
                self._changes(show_id, total=total)
            case "call off":
                self._cancels(show_id)
            case "remove":
                self._removes(show_id)

    @rule(minutes=st.sampled_from([5, 5, 10, 10, 60, 26 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)
        self.sales.purge_answers()
        self.model.purge_answers()

    def _changes(self, show_id: ShowId, **to: Any) -> None:
        draft = ShowDraft(starts_at=to.get("starts_at"), total_seats=to.get("total"))
        refusals = self.model.refuses_move(show_id, **to)
        if self.attempt(refusals, self.programme.change_show, show_id, draft):
            show = self.model.shows[show_id]
            if any(getattr(show, name) != value for name, value in to.items()):
                self.model.show_changed(show_id)
            if to.get("total", show.total) != show.total:
                show.blocked.clear()
            vars(show).update(to)

    def _cancels(self, show_id: ShowId) -> None:
        refusals = self.model.refuses_move(show_id)
        if self.attempt(refusals, self.programme.change_show, show_id, ShowDraft(cancelled=True)):
            self.model.show_cancelled(show_id)

    def _removes(self, show_id: ShowId) -> None:
        refusals = self.model.refuses_removal(show_id)
        self.attempt(refusals, self.programme.remove_show, show_id)
        if refusals is ALLOWED:
            self.model.show_removed(show_id)
