"""The demo cinema."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.builders import (
    ADDRESS,
    CLEANING,
    NOW,
    PASSWORD,
    SALES_GRACE,
    SESSIONS,
    FastHasher,
)
from ticketing.adapters.email_addresses import NAME_KEYS
from ticketing.adapters.reset_tokens import SignedResetTokens
from ticketing.domain.accounts.account import Role
from ticketing.domain.accounts.account_service import AccountService
from ticketing.domain.accounts.errors import BadCredentials, UsernameTaken
from ticketing.domain.accounts.password_reset_service import PasswordResetService
from ticketing.domain.accounts.passwords import Passwords
from ticketing.domain.accounts.session_service import SessionService
from ticketing.domain.accounts.throttle import LOG_INS, Throttle
from ticketing.domain.box_office import BoxOffice
from ticketing.domain.paging import Window
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.screen_service import ScreenService
from ticketing.domain.programme.seat_plans.model import Feature
from ticketing.domain.programme.seat_plans.readers import plan_from_file
from ticketing.domain.programme.show import Show, ShowStatus
from ticketing.domain.sales.best_available.best_available_service import BestAvailableService
from ticketing.domain.sales.blocked_seats_service import BlockedSeatsService
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.sales.waiting_list.offers import OfferService
from ticketing.domain.sales.waiting_list.waiting_list_service import WaitingListService
from ticketing.entrypoints.cli.demo import content
from ticketing.entrypoints.cli.demo.accounts import open_accounts
from ticketing.entrypoints.cli.demo.content import Timetable, movies, parties, screens
from ticketing.entrypoints.cli.demo.loader import load_week

ALL = Window(0, 1000)


ZONE = ZoneInfo("Europe/London")


@pytest.fixture
def box_office(transactions, queries) -> BoxOffice:
    unlimited = Throttle(transactions, LOG_INS, key=None)
    accounts = transactions, queries.accounts, Passwords(FastHasher()), unlimited
    return BoxOffice(
        best_available=BestAvailableService(transactions, SalesPolicy(SALES_GRACE)),
        bookings=BookingService(transactions, SalesPolicy(SALES_GRACE)),
        holds=HoldService(transactions, SalesPolicy(SALES_GRACE)),
        waiting_list=WaitingListService(transactions, SalesPolicy(SALES_GRACE)),
        offers=OfferService(transactions, queries.waiting_list),
        blocked_seats=BlockedSeatsService(transactions),
        programme=ProgrammeService(transactions, CLEANING),
        screens=ScreenService(transactions),
        accounts=AccountService(*accounts, NAME_KEYS),
        sessions=SessionService(*accounts, SESSIONS),
        password_resets=PasswordResetService(*accounts[:3], SignedResetTokens([]), b"a key"),
        messages=None,
        queries=queries,
        transactions=transactions,
    )


@pytest.fixture
def load(box_office, clock):
    return lambda: load_week(box_office, ZONE, clock())


@pytest.fixture
def shows(queries):
    def shows() -> list[Show]:
        earlier = ShowFilter(starts_from=NOW - timedelta(days=9))
        return [offer.show for offer in queries.programme.shows(earlier, ALL).items]

    return shows


class TestLoading:
    def test_every_day_of_the_week_on_every_screen(self, load, shows):
        load()

        days = {(show.starts_at.astimezone(ZONE).date(), show.screen.name) for show in shows()}
        today = NOW.astimezone(ZONE).date()
        assert days == {
            (today + timedelta(days=ahead), screen.name)
            for ahead in range(7)
            for screen in screens()
        }

    def test_all_movies_and_only_future_shows(self, load, shows):
        load()

        assert {show.movie.title for show in shows()} == {movie.title for movie in movies()}
        assert min(show.starts_at for show in shows()) > NOW

    def test_the_first_show_leaves_rows_a_and_b_free(self, load, shows, queries):
        load()

        show = min(shows(), key=lambda show: show.id)
        assert (show.movie.title, show.screen.name) == ("Inception", "Screen 1")
        assert timedelta(hours=2) <= show.starts_at - NOW <= timedelta(hours=24)
        assert show.plan.seat(5).label == "A5"
        assert min(queries.sales.seat_map(show.id).booked) > 20

    def test_10_to_70_percent_of_every_other_show_is_sold(self, load, shows, queries):
        load()

        for show in shows():
            booked = queries.sales.seat_map(show.id).booked
            sold = len(booked) / show.plan.total_seats
            assert 0.1 <= sold <= 0.7 or (sold == 1 and show.has_waiting)

    def test_one_show_is_sold_out_and_has_a_waiting_list(self, load, shows, queries):
        load()

        [show] = [show for show in shows() if show.has_waiting]
        assert queries.programme.show(show.id).status == ShowStatus.SOLD_OUT
        assert show.screen.name == "Screen 1"
        assert show.starts_at - NOW > timedelta(days=2)  # offers last for half an hour
        _, entries, _ = queries.waiting_list.queue(show.id)
        assert [(entry.count, entry.together) for entry in entries] == [(8, True), (6, True)]

    def test_loading_again_changes_nothing(self, load, transactions):
        load()
        before = transactions.state

        load()

        after = transactions.state
        assert (after.shows, after.bookings) == (before.shows, before.bookings)

    def test_a_day_later_one_day_is_added(self, load, shows, queries, clock):
        load()
        before = shows()
        sold = queries.sales.seat_map(before[0].id).booked

        clock.advance(days=1)
        load()

        assert shows()[: len(before)] == before
        added = shows()[len(before) :]
        assert {show.starts_at.date() for show in added} == {NOW.date() + timedelta(days=7)}
        assert queries.sales.seat_map(before[0].id).booked == sold

    def test_an_interrupted_load_is_completed(self, box_office, load, shows, transactions):
        attempts = iter(range(10))

        def interrupted(work):
            if next(attempts) == 9:
                raise KeyboardInterrupt
            return transactions(work)

        with pytest.raises(KeyboardInterrupt):
            load_week(replace(box_office, transactions=interrupted), ZONE, NOW)
        assert len({show.starts_at.date() for show in shows()}) > 0
        started = len(shows())
        load()

        days = {(show.starts_at.astimezone(ZONE).date(), show.screen.name) for show in shows()}
        assert started < len(shows())
        assert len(days) == 7 * len(screens())

    def test_just_before_midnight(self, load, shows, clock):
        clock.advance(hours=4, minutes=59)  # 23:59 in London
        load()

        assert len({show.starts_at.date() for show in shows()}) == 6


class TestRooms:
    def test_the_first_is_plain(self):
        first = screens()[0]

        assert (first.name, first.rows, first.seats_per_row) == ("Screen 1", 12, 10)

    def test_the_second_is_curved_with_an_aisle(self):
        row = screens()[1].plan.rows[0]

        assert len({seat.y for seat in row.seats}) > 2
        assert [len(block) for block in row.blocks] == [7, 7]
        assert [seat.name for seat in row.seats] == [str(number) for number in range(1, 15)]

    def test_the_third_has_a_companion_seat_for_each_wheelchair_space(self):
        plan = screens()[2].plan
        spaces = [s.number for s in plan.seats() if Feature.WHEELCHAIR_SPACE in s.features]
        companions = [seat for seat in plan.seats() if seat.companion_of]

        assert len(spaces) == 4
        assert sorted(number for seat in companions for number in seat.companion_of) == spaces
        assert all(
            plan.block_of(seat.number) == plan.block_of(number)
            for seat in companions
            for number in seat.companion_of
        )

    def test_the_fourth_has_categories_and_pairs(self):
        plan = screens()[3].plan

        assert [category.name for category in plan.categories] == ["Recliner", "Sofa"]
        assert {seat.category for seat in plan.seats()} == {"Recliner", "Sofa"}
        assert {len(block) for block in plan.blocks} == {2}

    def test_no_plan_has_a_warning(self):
        files = sorted(Path(content.__file__).parent.glob("screen-*.toml"))

        assert [plan_from_file(file.read_bytes(), ".toml").warnings for file in files] == [{}] * 4


class TestAccounts:
    def test_each_can_log_in_with_the_returned_password(self, box_office):
        accounts = open_accounts(box_office, is_private=True)

        for role in Role:
            opened = box_office.sessions.log_in(role.value, accounts[role], ADDRESS)
            assert opened.account.role == role

    def test_on_loopback_passwords_and_sessions_stay(self, box_office):
        first = open_accounts(box_office, is_private=True)
        session = box_office.sessions.log_in("customer", first["customer"], ADDRESS).session

        assert open_accounts(box_office, is_private=True) == first
        box_office.sessions.renew(session.account_id, session.id, 1)

    def test_on_a_network_passwords_are_new_each_time(self, box_office):
        known, first, second = (
            open_accounts(box_office, is_private=is_private)["admin"]
            for is_private in (True, False, False)
        )

        assert len({known, first, second}) == 3
        box_office.sessions.log_in("admin", second, ADDRESS)
        for old in (known, first):
            with pytest.raises(BadCredentials):
                box_office.sessions.log_in("admin", old, ADDRESS)

    def test_back_on_loopback_the_well_known_passwords_return(self, box_office):
        known = open_accounts(box_office, is_private=True)["staff"]
        open_accounts(box_office, is_private=False)

        assert open_accounts(box_office, is_private=True)["staff"] == known
        box_office.sessions.log_in("staff", known, ADDRESS)

    def test_an_account_of_the_cinema_is_not_changed(self, box_office):
        box_office.accounts.sign_up("admin", PASSWORD)

        with pytest.raises(UsernameTaken, match="admin does not belong to the demo"):
            open_accounts(box_office, is_private=False)

        box_office.sessions.log_in("admin", PASSWORD, ADDRESS)


class TestTimetable:
    def timetable(self, zone: str) -> Timetable:
        return Timetable(movies(), screens(), ZoneInfo(zone))

    @pytest.mark.parametrize("zone", ["UTC", "Europe/London", "America/Havana", "Pacific/Apia"])
    def test_there_is_always_a_first_show(self, zone):
        timetable = self.timetable(zone)
        for minutes in range(0, 366 * 24 * 60, 47):
            now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
            show = timetable.first_show(now)
            assert show.movie == timetable.movies[0]
            assert timedelta(hours=2) < show.starts_at - now < timedelta(hours=24)

    @pytest.mark.parametrize("number", range(len(screens())))
    def test_there_is_time_for_cleaning(self, number):
        slots = list(self.timetable("Europe/London").day(NOW.date(), number))

        for slot, following in pairwise(slots):
            ends_at = slot.starts_at + timedelta(minutes=slot.movie.duration_minutes)
            assert timedelta(minutes=20) <= following.starts_at - ends_at < timedelta(minutes=25)
        starts = [slot.starts_at.astimezone(ZoneInfo("Europe/London")) for slot in slots]
        assert all(start.minute % 5 == 0 for start in starts)
        assert 11 <= starts[0].hour < 12
        assert (starts[-1].hour, starts[-1].minute) <= (22, 30)


@pytest.mark.parametrize("screen", screens())
@pytest.mark.parametrize("free_rows", [0, 2])
def test_parties_sit_together(screen, free_rows):
    plan = screen.plan
    for show in range(100):
        groups = list(parties(plan, f"show {show}", free_rows))
        seats = [number for group in groups for number in group]
        assert len(set(seats)) == len(seats)
        assert min(seats) >= plan.rows[free_rows].seats[0].number
        assert not {seat.number for seat in plan.accessible_seats} & {*seats}
        for group in groups:
            assert 1 <= len(group) <= 5
            assert len({plan.seat(number).row for number in group}) == 1
            assert group == list(range(group[0], group[-1] + 1))
