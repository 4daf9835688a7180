"""Rehearsals: trial on-sales, each on its own show and by its own customers.

The show is marked when it is created: a real show never becomes a rehearsal, and only marked shows
are cleaned up. The customers' accounts name the rehearsal and have no password. Only they can buy.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from ticketing.domain.accounts.account import Account
from ticketing.domain.errors import Conflict
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.rehearsal.consistency import StoredSales
from ticketing.domain.rehearsal.ports import RehearsalWork
from ticketing.domain.sales.errors import SalesClosed
from ticketing.domain.unit_of_work import Transactions

_ACCOUNTS_AT_ONCE = 1000


class NotARehearsal(Conflict):
    code = "not_a_rehearsal"
    default = "This show is not a rehearsal, so it is not cleaned up."


def _new_name() -> str:
    return f"rehearsal-{secrets.token_hex(5)}"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A marked show, and the prefix of its customers' names."""

    show: Show
    name: str = field(default_factory=_new_name)


class RehearsalService:
    """Sets up rehearsals, reads their sales, and cleans up after them."""

    def __init__(self, transactions: Transactions[RehearsalWork]) -> None:
        self._transact = transactions

    @contextmanager
    def probe(self) -> Iterator[Account]:
        """Add an account with a name that cannot be guessed, and delete it afterwards.

        Only a server that uses this store knows it: another one may be a copy with all else.
        """
        name = _new_name()
        [account] = self._transact(partial(_add_accounts, name, [0]))
        try:
            yield account
        finally:
            self._delete_accounts(name)

    def find(self, show_id: ShowId) -> Show:
        """Return a show to rehearse.

        Raises ShowNotFound, and SalesClosed once a show has begun or is cancelled.
        """

        def work(uow: RehearsalWork) -> Show:
            show = uow.shows.get(show_id)
            if show.sales_ended(uow.now(), timedelta(0)):
                raise SalesClosed(
                    "This show has begun or is cancelled: there is no on-sale to rehearse."
                )
            return show

        return self._transact(work)

    def on(self, show: Show) -> Rehearsal:
        """Return a rehearsal on a new show just like ``show``, which need not be stored.

        It is on the show itself if that is marked: an earlier rehearsal left it behind.
        """
        if show.rehearsal:
            return Rehearsal(show)
        twin = replace(show, id=ShowId(0), rehearsal=True, has_waiting=False)
        return Rehearsal(self._transact(lambda uow: uow.shows.add(twin)))

    def invite(
        self, rehearsal: Rehearsal, customers: int, progress: Callable[[int], None]
    ) -> list[Account]:
        """Create an account for each customer; ``progress`` receives the number done."""
        invited: list[Account] = []
        while len(invited) < customers:
            following = range(len(invited) + 1, customers + 1)[:_ACCOUNTS_AT_ONCE]
            invited += self._transact(partial(_add_accounts, rehearsal.name, following))
            progress(len(invited))
        return invited

    def stored_sales(self, rehearsal: Rehearsal) -> StoredSales:
        """Return the stored sales, read under the lock of the whole show."""

        def work(uow: RehearsalWork) -> StoredSales:
            show = uow.shows.lock(rehearsal.show.id)
            every = [SeatNumber(number) for number in show.plan.numbers]
            _, seats, _ = uow.seats.lock(show.id, every, show.plan)
            now = uow.now()
            return StoredSales(
                bookings=uow.bookings.of_show(show.id),
                sold={sold.seat.number: sold.booking_id for sold in seats if sold.booking_id},
                holds=uow.holds.of_show(show.id),
                held={
                    each.seat.number: each.hold.id
                    for each in seats
                    if each.hold and each.hold.id and each.is_live_held(now)
                },
                at=now,
            )

        return self._transact(work)

    def clean_up(self, rehearsal: Rehearsal) -> None:
        """Delete the rehearsal's show, bookings and accounts; repeating it is harmless.

        Raises NotARehearsal for a real show.
        """
        self._delete_show(rehearsal.show.id)
        self._delete_accounts(rehearsal.name)

    def clean_up_all(self) -> tuple[int, int]:
        """Delete every rehearsal, also running ones; return how many shows and accounts."""
        shows = self._transact(lambda uow: uow.shows.rehearsals())
        for show_id in shows:
            self._delete_show(show_id)
        return len(shows), self._delete_accounts()

    def _delete_show(self, show_id: ShowId) -> None:
        """Delete in several transactions, so that other writers do not wait long."""

        def work(uow: RehearsalWork) -> int:
            try:
                show = uow.shows.lock(show_id)
            except ShowNotFound:
                return 0
            if not show.rehearsal:
                raise NotARehearsal()
            deleted = uow.bookings.purge(show_id)
            if not deleted:
                uow.shows.remove(show_id)
            return deleted

        while self._transact(work):
            pass

    def _delete_accounts(self, name: str | None = None) -> int:
        deleted = 0
        while some := self._transact(lambda uow: uow.accounts.purge_rehearsals(name)):
            deleted += some
        return deleted


def _add_accounts(name: str, numbers: Iterable[int], uow: RehearsalWork) -> list[Account]:
    usernames = [f"{name}-{number:05}" for number in numbers]
    now = uow.now()
    return uow.accounts.add_all(
        [Account(username=each, rehearsal=name, created_at=now) for each in usernames]
    )
