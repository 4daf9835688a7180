"""Book or hold the best available seats."""

from ticketing.domain.accounts.account import AccountId, Actor
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.best_available.party_orders import BookParty, HoldParty
from ticketing.domain.sales.best_available.picking import grouped_picks
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.idempotency import Repeatable, Replay
from ticketing.domain.sales.ports import SalesWork
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import GroupTransactions


class BestAvailableService:
    """Each call runs in one transaction, which parties of one show that wait at once share.

    A ``request`` that the client may repeat takes effect once: a repeat of it changes nothing and
    returns the first answer as a ``Replay``. With one, IdempotencyKeyReused may be raised.
    """

    def __init__(self, transactions: GroupTransactions[SalesWork], policy: SalesPolicy) -> None:
        self._pick = grouped_picks(transactions, policy)

    def book(
        self,
        show_id: ShowId,
        party: Party,
        customer: AccountId,
        request: Repeatable[Booking] | None = None,
        *,
        is_staff: bool = False,
    ) -> Booking | Replay:
        """Sell the best available seats for the party.

        Raises ShowNotFound, InvalidFields, SalesClosed, NoSeats and SeatLimit.
        """
        booking = self._pick(BookParty(show_id, party, customer, request, is_staff))
        assert not isinstance(booking, Hold)
        return booking

    def hold(
        self,
        show_id: ShowId,
        party: Party,
        actor: Actor,
        request: Repeatable[Hold] | None = None,
    ) -> Hold | Replay:
        """Hold the best available seats for the party.

        Raises ShowNotFound, InvalidFields, SalesClosed, NoSeats, SeatLimit and HoldAtLimit.
        """
        hold = self._pick(HoldParty(show_id, party, actor, request))
        assert not isinstance(hold, Booking)
        return hold
