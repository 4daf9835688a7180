"""Builders for tests: one for each noun, with valid defaults, and test doubles."""

import hashlib
import secrets
from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ticketing.adapters.email_addresses import NAME_KEYS
from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.account_service import AccountService
from ticketing.domain.accounts.passwords import PasswordHasher, Passwords
from ticketing.domain.accounts.ports import AccountWork, ResetTokens
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.session import Session, SessionPolicy
from ticketing.domain.accounts.session_service import SessionService
from ticketing.domain.accounts.throttle import LOG_INS, RESET_MAILS, Throttle
from ticketing.domain.box_office import Queries, UnitOfWork
from ticketing.domain.mails import Delivery, Mail
from ticketing.domain.messages.message import OfferMessage, PasswordResetMessage
from ticketing.domain.messages.ports import NotSent
from ticketing.domain.messages.sending_service import SendingService
from ticketing.domain.programme.movie import Movie
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import Show
from ticketing.domain.sales.booking import Booking
from ticketing.domain.sales.hold import Hold, new_hold_id
from ticketing.domain.sales.selling import SalesPolicy, ShowSeat, sell
from ticketing.domain.sales.waiting_list.entry import WaitingListEntry, new_entry_id
from ticketing.domain.unit_of_work import Transactions

NOW = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
SALES_GRACE = timedelta(minutes=15)
CLEANING = timedelta(minutes=15)
A_WEEK = timedelta(days=7)
JUST_NOW = timedelta(0)
"""How long ago something was that happened at the present time of a clock."""
CUSTOMER = AccountId(1)
PASSWORD = "a strong horse"
ADDRESS = "192.0.2.7"
SESSIONS = SessionPolicy(
    lifetime=A_WEEK, access_token_lifetime=timedelta(minutes=15), per_account=100
)


class Clock:
    """A clock that moves only when a test advances it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class Ticks:
    """A monotonic clock whose time a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class FastHasher:
    """A password hasher for tests: salted, but fast."""

    def hash(self, password: str) -> str:
        return self._salted(secrets.token_hex(8), password)

    def verify(self, password: str, password_hash: str | None) -> bool:
        salt, _, _ = (password_hash or "$").partition("$")
        return self._salted(salt, password) == password_hash

    def _salted(self, salt: str, password: str) -> str:
        salted = f"{salt}{password}".encode("utf-8", "surrogatepass")
        return f"{salt}${hashlib.sha256(salted).hexdigest()}"


class InterruptedHasher(FastHasher):
    """Calls ``act`` once, while it hashes."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._acts = [act]

    def hash(self, password: str) -> str:
        while self._acts:
            self._acts.pop()()
        return super().hash(password)


class Mailbox:
    """A ``Mailer`` that keeps the mails, unless it ``refuses`` them."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refuses = False

    def send(self, mail: Mail) -> bool:
        if self.refuses:
            raise NotSent()
        self.mails.append(mail)
        return True


def a_movie(title: str = "Metropolis", **details: Any) -> Movie:
    return replace(Movie(title=title, duration_minutes=153), **details)


def a_screen(name: str = "Screen 1", plan: SeatPlan | None = None) -> Screen:
    return Screen(name=name, plan=plan or plain_grid(50))


def a_show(**details: Any) -> Show:
    """Return a show tomorrow."""
    screen = a_screen()
    usual = Show(movie=a_movie(), screen=screen, starts_at=TOMORROW, plan=screen.plan)
    return replace(usual, **details)


def a_booking(show: Show | None = None, numbers: Sequence[int] = (1,), **details: Any) -> Booking:
    show = show or a_show()
    seats = tuple(show.plan.seat(number) for number in numbers)
    usual = Booking(show=show, customer=CUSTOMER, seats=seats, created_at=NOW)
    return replace(usual, **details)


def a_hold(show: Show | None = None, numbers: Sequence[int] = (1,), **details: Any) -> Hold:
    """Return a hold for ten minutes."""
    show = show or a_show()
    created_at = details.get("created_at", NOW)
    usual = Hold(
        id=new_hold_id(show.id),
        show=show,
        customer=CUSTOMER,
        seats=tuple(show.plan.seat(number) for number in numbers),
        created_at=created_at,
        expires_at=created_at + timedelta(minutes=10),
        extendable_until=created_at + timedelta(minutes=30),
    )
    return replace(usual, **details)


def an_entry(show: Show | None = None, **details: Any) -> WaitingListEntry:
    """Return an entry of the show's waiting list for one seat."""
    show = show or a_show()
    usual = WaitingListEntry(
        id=new_entry_id(show.id),
        show=show,
        customer=CUSTOMER,
        count=1,
        together=False,
        created_at=NOW,
    )
    return replace(usual, **details)


def an_account(username: str = "maria", **details: Any) -> Account:
    return replace(Account(username=username, password_hash="$", created_at=NOW), **details)


def a_reset_message(name: str = "maria", **details: Any) -> PasswordResetMessage:
    usual = PasswordResetMessage.new(name, f"hash of {name}", "hash of a client", NOW)
    return replace(usual, **details)


def an_offer_message(show_id: int = 1, account_id: int = CUSTOMER, **details: Any) -> OfferMessage:
    usual = OfferMessage.new(show_id, account_id, f"{show_id}-0123456789ABCDEF", NOW)
    return replace(usual, **details)


def a_session(account_id: AccountId = CUSTOMER, **details: Any) -> Session:
    opened = Session.open(account_id, rotates=True, now=NOW, lifetime=A_WEEK)
    return replace(opened, **details)


def put_on(transactions: Transactions[UnitOfWork], show: Show | None = None) -> Show:
    """Store a show, with its movie and screen if they are new, and return it."""
    new = show or a_show()

    def work(uow: UnitOfWork) -> Show:
        movie = new.movie if new.movie.id else uow.movies.add(new.movie)
        screen = uow.screens.find_name(new.screen.name) or uow.screens.add(new.screen)
        return uow.shows.add(replace(new, movie=movie, screen=screen))

    return transactions(work)


def account_service(
    transactions: Transactions[UnitOfWork],
    queries: Queries,
    *,
    hasher: PasswordHasher | None = None,
    throttle: Throttle | None = None,
) -> AccountService:
    return AccountService(*_account_parts(transactions, queries, hasher, throttle), NAME_KEYS)


def session_service(
    transactions: Transactions[UnitOfWork],
    queries: Queries,
    *,
    hasher: PasswordHasher | None = None,
    throttle: Throttle | None = None,
    policy: SessionPolicy = SESSIONS,
) -> SessionService:
    return SessionService(*_account_parts(transactions, queries, hasher, throttle), policy)


def sending_service(
    transactions: Transactions[UnitOfWork],
    queries: Queries,
    mailbox: Mailbox,
    tokens: ResetTokens,
    *,
    throttle: Throttle | None = None,
) -> SendingService:
    unlimited = Throttle(transactions, RESET_MAILS, key=None)
    read = queries.accounts, queries.programme, queries.waiting_list
    deliver = Delivery(*read, tokens, throttle or unlimited, mailbox)
    return SendingService(transactions, queries.messages, deliver)


def _account_parts(
    transactions: Transactions[UnitOfWork],
    queries: Queries,
    hasher: PasswordHasher | None,
    throttle: Throttle | None,
) -> tuple[Transactions[AccountWork], AccountQueries, Passwords, Throttle]:
    passwords = Passwords(hasher or FastHasher(), common=frozenset({"letmein!"}))
    unlimited = Throttle(transactions, LOG_INS, key=None)
    return transactions, queries.accounts, passwords, throttle or unlimited


def register(
    transactions: Transactions[UnitOfWork], username: str = "maria", **details: Any
) -> AccountId:
    """Store an account and return its id."""
    account = an_account(username, **details)
    return transactions(lambda uow: uow.accounts.add(account)).id


def sold_at_once(
    show: Show, seats: Sequence[ShowSeat], customer: AccountId, now: datetime
) -> Booking:
    """Return the booking of a sale without a seat limit, in a show that has other seats."""
    policy = SalesPolicy(SALES_GRACE)
    return sell(show, seats, customer, owned=0, room=OtherSeats(), now=now, policy=policy)


class OtherSeats:
    """The ``Room`` of a show that is never full."""

    free: Set[SeatNumber] = frozenset()
    held: Set[SeatNumber] = frozenset()

    def is_full(self) -> bool:
        return False

    def owned_by(self, customer: AccountId) -> Sequence[SeatNumber]:
        return ()
