"""Fixtures of the contract tests."""

from collections.abc import Callable
from typing import TypeVar

import pytest

from tests.builders import CLEANING, SALES_GRACE, put_on, register
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.box_office import Queries, UnitOfWork
from ticketing.domain.errors import Busy
from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import GroupTransactions, Transactions

T = TypeVar("T")

ALL = Window(0, 100)

UNKNOWN = [0, 987_654, -1, 2**63, 10**30]
"""Unknown ids, some beyond the range of a database."""

NO_TEXT = ["\x00", "maria\x00", "\x1fmaria", "\ud800"]
"""Text that no database can store, or that matches no name."""


def wide(text: str) -> str:
    """Return ASCII text in full-width characters: the same text when normalised."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


class Fixtures:
    """A customer, and a show to book."""

    @pytest.fixture
    def customer(self, transactions: Transactions[UnitOfWork]) -> AccountId:
        return register(transactions, "customer")

    @pytest.fixture
    def actor(self, customer: AccountId) -> Actor:
        return Actor(customer, Role.CUSTOMER)

    @pytest.fixture
    def show(self, transactions: Transactions[UnitOfWork]) -> Show:
        return put_on(transactions)

    @pytest.fixture
    def sales(self, transactions: GroupTransactions[UnitOfWork]) -> BookingService:
        return BookingService(transactions, SalesPolicy(SALES_GRACE))

    @pytest.fixture
    def programme(self, transactions: Transactions[UnitOfWork]) -> ProgrammeService:
        return ProgrammeService(transactions, CLEANING)


class RolledBack(Exception):
    """Rolls a unit of work back."""


def roll_back(transactions: Transactions[UnitOfWork], work: Callable[[UnitOfWork], object]) -> None:
    """Run ``work``, and undo it."""

    def undone(uow: UnitOfWork) -> None:
        work(uow)
        raise RolledBack

    with pytest.raises(RolledBack):
        transactions(undone)


def check_busy(
    transactions: Transactions[UnitOfWork], work: Callable[[UnitOfWork], object]
) -> None:
    """Check that ``work`` finds a busy store, without a retry."""

    def once(uow: UnitOfWork) -> None:
        with pytest.raises(Busy):
            work(uow)

    roll_back(transactions, once)


def booked(queries: Queries, show_id: ShowId) -> list[int]:
    """Return the sold seats of the seat map."""
    return sorted(queries.sales.seat_map(show_id).booked)


def paged(query: Callable[[Window], Page[T]], size: int) -> list[T]:
    """Return a list as a client reads it, page by page, past its end."""
    items: list[T] = []
    for offset in range(0, 100, size):
        items += query(Window(offset, size)).items
    return items
