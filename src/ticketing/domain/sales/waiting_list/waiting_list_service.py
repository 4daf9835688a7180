"""Join and leave waiting lists."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from ticketing.domain.accounts.account import AccountId, Actor
from ticketing.domain.audit import record
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.best_available.best_available import best_available
from ticketing.domain.sales.best_available.offered_seats import Party
from ticketing.domain.sales.errors import IdempotencyKeyReused, NoSeats, SalesClosed
from ticketing.domain.sales.idempotency import Repeatable, Replay, replay
from ticketing.domain.sales.orders import request_key
from ticketing.domain.sales.ports import OpenSeats
from ticketing.domain.sales.selling import SalesPolicy, require_on_sale, require_within_limit
from ticketing.domain.sales.waiting_list.entry import (
    EntryId,
    EntryStatus,
    WaitingListEntry,
    is_list_open,
    new_entry_id,
)
from ticketing.domain.sales.waiting_list.errors import (
    AlreadyWaiting,
    EntryNotFound,
    SeatsAvailable,
)
from ticketing.domain.sales.waiting_list.ports import WaitingListWork
from ticketing.domain.unit_of_work import Transactions

RETENTION = timedelta(hours=49)
"""How long an entry is stored after it ended: its customer can see it for two days."""


class WaitingListService:
    """Each call runs in one transaction. ``policy`` has the seat limit, which counts entries."""

    def __init__(self, transactions: Transactions[WaitingListWork], policy: SalesPolicy) -> None:
        self._transact = transactions
        self._policy = policy

    def join(
        self,
        show_id: ShowId,
        count: int,
        together: bool,
        actor: Actor,
        request: Repeatable[WaitingListEntry] | None = None,
    ) -> WaitingListEntry | Replay:
        """Let the customer wait for ``count`` seats of the show, behind all who wait already.

        A repeat of the ``request`` changes nothing and returns the first answer. Raises
        ShowNotFound, InvalidFields, SalesClosed, SeatsAvailable, AlreadyWaiting and SeatLimit; with
        a ``request`` IdempotencyKeyReused.
        """
        customer, party = actor.account_id, Party(count=count, together=together)

        def work(work: WaitingListWork) -> WaitingListEntry | Replay:
            keys, key = work.idempotency_keys, None
            if request and (key := request_key(request, show_id, customer, "waiting-list")):
                kept = keys.claim({key: request.fingerprint})
                if key in kept:
                    return _replayed(replay(kept[key], request))
            owned = work.seats.lock_customers(show_id, {customer}, wait=True)
            work.seats.lock_show(show_id, wait=True)
            entry = self._entry(work, work.seats.open_seats(show_id), party, actor, owned)
            added = work.waiting_list.add(entry)
            if request and key:
                keys.keep({key: request.render(added)})
            return added

        return self._transact(work)

    def _entry(
        self,
        work: WaitingListWork,
        room: OpenSeats,
        party: Party,
        actor: Actor,
        owned: Mapping[AccountId, int],
    ) -> WaitingListEntry:
        """Return a new entry for the show, which is locked like the customer."""
        show, now, customer = room.show, work.now(), actor.account_id
        party.check(show.plan)
        if show.rehearsal and not show.is_open_to(work.accounts.get(customer)):
            raise SalesClosed("This show is a rehearsal: its seats are not for sale.")
        _require_open_list(show, now, self._policy)
        if _has_seats(room, party):
            raise SeatsAvailable()
        latest = work.waiting_list.latest_of(show.id, customer)
        if latest is not None and latest.is_active(now):
            raise AlreadyWaiting(entry=latest.id)
        if not actor.is_staff:
            require_within_limit(owned[customer], party.count, self._policy)
        return WaitingListEntry(
            id=new_entry_id(show.id),
            show=show,
            customer=customer,
            count=party.count,
            together=party.together,
            created_at=now,
        )

    def leave(self, entry_id: EntryId, actor: Actor) -> None:
        """End an entry, for its customer or the staff; an offer is declined, and its seats freed.

        An entry that ended stays as it is. Raises EntryNotFound and Forbidden.
        """

        def work(work: WaitingListWork) -> None:
            entry = work.waiting_list.get(entry_id)
            actor.require_own(entry.customer)
            if _leave(work, entry) and actor.account_id != entry.customer:
                record(
                    work,
                    actor.account_id,
                    "waiting_list.entry_ended",
                    "show",
                    entry.show.id,
                    entry=entry.id,
                )

        self._transact(work)

    def leave_all_of(self, customer: AccountId) -> None:
        """End the entries of an account that is to be deleted, each in a transaction."""
        for entry_id in self._transact(lambda work: work.waiting_list.live_of(customer)):
            with suppress(EntryNotFound, ShowNotFound):  # in the meantime
                self._transact(partial(_leave_by_id, entry_id))

    def purge(self) -> None:
        """Delete entries that ended long ago, in several transactions."""
        while self._transact(lambda work: work.waiting_list.purge(work.now() - RETENTION)):
            pass


def _replayed(answer: Replay | IdempotencyKeyReused) -> Replay:
    if isinstance(answer, IdempotencyKeyReused):
        raise answer
    return answer


def _require_open_list(show: Show, now: datetime, policy: SalesPolicy) -> None:
    require_on_sale(show, now, policy)
    if not is_list_open(show, now):
        raise SalesClosed("The waiting list of this show closed two hours before its start.")


def _has_seats(room: OpenSeats, party: Party) -> bool:
    try:
        best_available(room.show.plan, party, room.free, room.held)
    except NoSeats:
        return False
    return True


def _leave_by_id(entry_id: EntryId, work: WaitingListWork) -> None:
    _leave(work, work.waiting_list.get(entry_id))


def _leave(work: WaitingListWork, entry: WaitingListEntry) -> bool:
    """End the entry if it is active, and return whether it was."""
    show_id = entry.show.id
    work.seats.lock_customers(show_id, {entry.customer}, wait=True)
    work.seats.lock_show(show_id, wait=True)
    entry = work.waiting_list.get(entry.id)
    match entry.status(work.now()):
        case EntryStatus.WAITING:
            work.waiting_list.save_all([replace(entry, left_at=work.now())])
            work.waiting_list.set_has_waiting(show_id)
            return True
        case EntryStatus.OFFERED if entry.offer:
            work.seats.lock(show_id, entry.offer.seat_numbers, entry.show.plan)
            work.holds.save_all([entry.offer.released(work.now())])
            return True
    return False
