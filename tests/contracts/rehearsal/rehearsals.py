"""Rehearsals: shows, bookings and accounts that are in no list and leave no trace."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, TOMORROW, a_booking, a_session, a_show, an_account, put_on, register
from tests.contracts.fixtures import ALL, Fixtures, booked
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.accounts.errors import AccountNotFound
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.rehearsal.rehearsal_service import NotARehearsal, Rehearsal, RehearsalService
from ticketing.domain.sales.errors import BookingNotFound, SalesClosed
from ticketing.domain.sales.idempotency import Repeatable, RequestKey
from ticketing.domain.times import LATEST


class RehearsalsContract(Fixtures):
    @pytest.fixture
    def rehearsals(self, transactions):
        return RehearsalService(transactions)

    @pytest.fixture
    def rehearsal(self, rehearsals, show):
        return rehearsals.on(rehearsals.find(show.id))

    @pytest.fixture
    def invited(self, rehearsals, rehearsal):
        return rehearsals.invite(rehearsal, 3, lambda done: None)

    def test_a_real_show_is_rehearsed_on_a_twin(self, transactions, rehearsal, show):
        assert rehearsal.show == replace(show, id=rehearsal.show.id, rehearsal=True)
        assert rehearsal.show.id != show.id
        assert transactions(lambda uow: uow.shows.get(show.id)) == show
        assert transactions(lambda uow: uow.shows.lock(rehearsal.show.id)) == rehearsal.show

    def test_a_probe_is_known_until_it_ends(self, rehearsals, queries):
        with rehearsals.probe() as account:
            assert queries.accounts.account(account.id) == account
            with rehearsals.probe() as other:
                assert other.username != account.username
            assert queries.accounts.account(account.id) == account
        with pytest.raises(AccountNotFound):
            queries.accounts.account(account.id)

    def test_the_twin_may_have_another_seat_plan(self, rehearsals, queries, rehearsal, show):
        other = rehearsals.on(replace(show, plan=plain_grid(7))).show
        assert other.plan == plain_grid(7)
        assert other.id not in (show.id, rehearsal.show.id)
        assert queries.programme.show(other.id).available_seats == 7

    def test_a_leftover_twin_is_reused_and_removed(
        self, rehearsals, queries, sales, rehearsal, invited
    ):
        sales.book(rehearsal.show.id, [1], invited[0].id)
        again = rehearsals.on(rehearsals.find(rehearsal.show.id))
        assert again.show == rehearsal.show
        assert again.name != rehearsal.name
        assert again.name.startswith("rehearsal-")
        rehearsals.clean_up(again)
        with pytest.raises(ShowNotFound):
            queries.programme.show(rehearsal.show.id)

    def test_seats_of_a_rehearsal_are_sold_to_its_customers_only(
        self, queries, rehearsals, sales, rehearsal, invited, customer, show
    ):
        with pytest.raises(SalesClosed, match="not for sale"):
            sales.book(rehearsal.show.id, [1], customer)
        with pytest.raises(SalesClosed, match="not for sale"):
            sales.book_once(rehearsal.show.id, [1], customer, _keyed("k"))
        assert booked(queries, rehearsal.show.id) == []
        sales.book(rehearsal.show.id, [1], invited[0].id)
        with pytest.raises(SalesClosed, match="not for sale"):
            sales.book(rehearsal.show.id, [1], customer)
        sales.book(show.id, [1], customer)

    def test_a_show_whose_sales_have_ended_is_not_rehearsed(
        self, rehearsals, transactions, clock, show
    ):
        off = put_on(transactions, a_show(cancelled_at=NOW))
        with pytest.raises(SalesClosed):
            rehearsals.on(rehearsals.find(off.id))
        clock.advance(days=1)
        with pytest.raises(SalesClosed):
            rehearsals.on(rehearsals.find(show.id))
        assert transactions(lambda uow: uow.shows.rehearsals()) == []

    def test_a_rehearsal_is_in_no_list_and_is_found_by_its_id_only(
        self, transactions, queries, rehearsal, show
    ):
        for each in (
            ShowFilter(),
            ShowFilter(movie_id=show.movie.id),
            ShowFilter(starts_from=NOW - timedelta(days=1)),
        ):
            page = queries.programme.shows(each, ALL)
            assert [offer.show for offer in page.items] == [show]
            assert page.total == 1
        assert queries.programme.show(rehearsal.show.id).show == rehearsal.show
        assert queries.sales.seat_map(rehearsal.show.id).show_id == rehearsal.show.id

    def test_a_rehearsal_does_not_occupy_its_screen(
        self, transactions, rehearsals, rehearsal, show
    ):
        on_screen = transactions(lambda uow: uow.shows.on_screen(show.screen.id, NOW, LATEST))
        assert on_screen == [show]

    def test_customers_of_a_rehearsal_have_numbered_usernames(
        self, transactions, queries, rehearsal, invited
    ):
        names = [f"{rehearsal.name}-0000{number}" for number in (1, 2, 3)]
        assert [account.username for account in invited] == names
        for account in invited:
            assert queries.accounts.account(account.id) == account
            assert queries.accounts.account_named(account.username.upper()) == account
            assert account.rehearsal == rehearsal.name
            assert account.created_at == NOW
            assert not account.has_password

    def test_many_customers_are_invited_in_batches(self, rehearsals, queries, rehearsal):
        progress: list[int] = []
        invited = rehearsals.invite(rehearsal, 2001, progress.append)
        assert progress == [1000, 2000, 2001]
        assert len({account.id for account in invited}) == 2001
        last = queries.accounts.account_named(f"{rehearsal.name}-02001")
        assert last == invited[-1]
        rehearsals.clean_up(rehearsal)
        with pytest.raises(AccountNotFound):
            queries.accounts.account(last.id)
        assert queries.accounts.account_named(last.username) is None

    def test_the_stored_sales_are_read(self, rehearsals, sales, rehearsal, invited):
        first, second, _ = (account.id for account in invited)
        kept = sales.book(rehearsal.show.id, [2, 1], first)
        gone = sales.book(rehearsal.show.id, [3], second)
        sales.cancel(gone.show.id, gone.id, Actor(second, Role.CUSTOMER))
        other = sales.book(rehearsal.show.id, [3], first)
        held = rehearsals.stored_sales(rehearsal)
        assert [booking.id for booking in held.bookings] == [kept.id, gone.id, other.id]
        assert [booking.is_active for booking in held.bookings] == [True, False, True]
        assert held.bookings[0] == kept
        assert held.sold == {1: kept.id, 2: kept.id, 3: other.id}

    def test_clean_up_deletes_the_rehearsal_only(
        self, transactions, queries, rehearsals, sales, customer, show, rehearsal, invited
    ):
        real = sales.book_once(show.id, [1], customer, _keyed("k"))
        rehearsed = sales.book_once(rehearsal.show.id, [1, 2], invited[0].id, _keyed("k"))
        namesake = register(transactions, f"{rehearsal.name}-00009")
        transactions(lambda uow: uow.sessions.add(a_session(invited[0].id)))
        transactions(lambda uow: uow.sessions.add(a_session(customer, id="real")))

        rehearsals.clean_up(rehearsal)

        for query in (
            lambda: queries.programme.show(rehearsal.show.id),
            lambda: queries.sales.booking(rehearsed.id),
            lambda: queries.accounts.account(invited[0].id),
        ):
            with pytest.raises((ShowNotFound, BookingNotFound, AccountNotFound)):
                query()
        assert all(queries.accounts.account_named(account.username) is None for account in invited)
        assert self.answered(transactions, rehearsal.show.id, invited[0].id) is None
        assert queries.sales.booking(real.id) == real
        assert queries.programme.show(show.id).available_seats == 49
        assert queries.accounts.account(namesake).username == f"{rehearsal.name}-00009"
        assert self.answered(transactions, show.id, customer) is not None
        assert transactions(lambda uow: uow.sessions.lock(customer, "real")) is not None
        rehearsals.clean_up(rehearsal)
        assert register(transactions, invited[0].username) > invited[-1].id  # the name is free

    def test_leftovers_of_killed_rehearsals_are_cleaned_up(
        self, transactions, queries, rehearsals, sales, show, rehearsal, invited
    ):
        put_on(transactions, a_show(starts_at=TOMORROW, rehearsal=True))
        sales.book(rehearsal.show.id, [1], invited[0].id)
        assert rehearsals.clean_up_all() == (2, 3)
        assert rehearsals.clean_up_all() == (0, 0)
        assert transactions(lambda uow: uow.shows.rehearsals()) == []
        assert queries.programme.show(show.id).show == show

    def test_clean_up_keeps_the_customers_of_other_rehearsals(
        self, transactions, queries, rehearsals, rehearsal, invited, show
    ):
        other = rehearsals.on(rehearsals.find(show.id))
        theirs = rehearsals.invite(other, 1, lambda done: None)[0]
        rehearsals.clean_up(rehearsal)
        assert queries.accounts.account(theirs.id) == theirs

    def test_a_real_show_is_never_cleaned_up(self, queries, rehearsals, sales, customer, show):
        booking = sales.book(show.id, [1], customer)
        with pytest.raises(NotARehearsal):
            rehearsals.clean_up(Rehearsal(show, "rehearsal-0"))
        assert queries.sales.booking(booking.id) == booking

    def test_many_bookings_are_deleted(self, rehearsals, transactions, queries, show):
        large = rehearsals.on(replace(show, plan=plain_grid(1200)))

        def sell_each_seat(uow):
            show, *_ = uow.seats.lock(large.show.id, large.show.plan.numbers, large.show.plan)
            for number in show.plan.numbers:
                uow.bookings.add(a_booking(show, [number]))

        transactions(sell_each_seat)
        rehearsals.clean_up(large)
        with pytest.raises(ShowNotFound):
            queries.programme.show(large.show.id)

    def test_many_accounts_are_stored_in_order(self, transactions):
        accounts = [an_account(f"name-{turn}", email=f"{turn}@example.org") for turn in range(9)]
        added = transactions(lambda uow: uow.accounts.add_all(accounts))
        assert [replace(account, id=AccountId(0)) for account in added] == accounts
        for account in added:
            assert transactions(lambda uow, it=account: uow.accounts.find(it.email)) == account

    def answered(self, transactions, show_id, account_id):
        key = RequestKey(show_id, account_id, "book", "k")
        return transactions(lambda uow: uow.idempotency_keys.claim({key: "f"}).get(key))


def _keyed(key):
    return Repeatable(key, "f", lambda booking: str(booking.id))
