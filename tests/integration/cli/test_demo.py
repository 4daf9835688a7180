"""What the demo makes, over dictionaries."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from tests.builders import ADDRESS, NOW, PASSWORD
from tests.integration.memory_tools import MemoryTools
from ticketing.domain.accounts.account import Role
from ticketing.domain.accounts.errors import BadCredentials
from ticketing.domain.paging import Window
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.show import Show
from ticketing.entrypoints.cli import cli
from ticketing.entrypoints.cli.demo_cinema.sales import parties
from ticketing.entrypoints.cli.demo_cinema.timetable import SCREENS, Timetable, films

ALL = Window(0, 1000)


@pytest.fixture
def tools() -> MemoryTools:
    return MemoryTools()


def demo(tools: MemoryTools, *args: str) -> Result:
    result = CliRunner().invoke(cli, ["demo", *args], obj=lambda: tools)
    assert result.exit_code == 0, result.output
    return result


def shows(tools: MemoryTools) -> list[Show]:
    offers = tools.queries.programme.shows(
        ShowFilter(starts_from=NOW - timedelta(days=9)), ALL
    ).items
    return [offer.show for offer in offers]


def first_show(tools: MemoryTools) -> Show:
    return min(shows(tools), key=lambda show: show.id)


def password(output: str, username: str) -> str:
    [line] = [line for line in output.splitlines() if line.startswith(f"{username} ")]
    return line.split()[1]


class TestLoading:
    def test_every_day_of_the_week_on_every_screen(self, tools):
        demo(tools)

        days = {
            (show.starts_at.astimezone(tools.timezone).date(), show.screen.name)
            for show in shows(tools)
        }
        today = NOW.astimezone(tools.timezone).date()
        assert days == {
            (today + timedelta(days=ahead), screen.name) for ahead in range(7) for screen in SCREENS
        }

    def test_all_films_and_only_shows_to_come(self, tools):
        demo(tools)

        assert {show.movie.title for show in shows(tools)} == {film.title for film in films()}
        assert min(show.starts_at for show in shows(tools)) > NOW

    def test_the_first_show_leaves_rows_a_and_b_free(self, tools):
        demo(tools)

        show = first_show(tools)
        assert (show.movie.title, show.screen.name) == ("Inception", "Screen 1")
        assert timedelta(hours=2) <= show.starts_at - NOW <= timedelta(hours=24)
        assert show.plan.seat(5).label == "A5"
        assert min(tools.queries.sales.seat_map(show.id).booked) > 20

    def test_10_to_70_percent_of_every_show_is_sold(self, tools):
        demo(tools)

        for show in shows(tools):
            booked = tools.queries.sales.seat_map(show.id).booked
            assert 0.1 <= len(booked) / show.plan.total_seats <= 0.7

    def test_again_changes_nothing(self, tools):
        demo(tools)
        before = tools.transactions.state

        demo(tools)

        after = tools.transactions.state
        assert (after.shows, after.bookings) == (before.shows, before.bookings)

    def test_a_day_later_one_more_day(self, tools):
        demo(tools)
        before = shows(tools)
        sold = tools.queries.sales.seat_map(before[0].id).booked

        tools.now.advance(days=1)
        demo(tools)

        assert shows(tools)[: len(before)] == before
        added = shows(tools)[len(before) :]
        assert {show.starts_at.date() for show in added} == {NOW.date() + timedelta(days=7)}
        assert tools.queries.sales.seat_map(before[0].id).booked == sold

    def test_what_was_interrupted_is_completed(self, tools):
        attempts = iter(range(10))
        transact = tools.transactions

        def interrupted(work):
            if next(attempts) == 9:
                raise KeyboardInterrupt
            return transact(work)

        tools.transactions = interrupted
        CliRunner().invoke(cli, ["demo"], obj=lambda: tools)
        tools.transactions = transact
        assert shows(tools)
        demo(tools)

        uninterrupted = MemoryTools()
        demo(uninterrupted)
        assert [s.starts_at for s in shows(tools)] == [s.starts_at for s in shows(uninterrupted)]

    def test_just_before_midnight(self, tools):
        tools.now.advance(hours=4, minutes=59)  # 23:59 in London
        demo(tools)

        assert len({show.starts_at.date() for show in shows(tools)}) == 6


class TestAccounts:
    def test_each_can_log_in_with_the_printed_password(self, tools):
        printed = demo(tools).stdout

        for role in Role:
            opened = tools.sessions.log_in(role.value, password(printed, role.value), ADDRESS)
            assert opened.account.role == role

    def test_on_loopback_passwords_and_sessions_stay(self, tools):
        first = demo(tools).stdout
        session = tools.sessions.log_in("customer", password(first, "customer"), ADDRESS).session

        assert demo(tools, "--host", "localhost").stdout.splitlines()[3:] == first.splitlines()[3:]
        tools.sessions.renew(session.account_id, session.id, 1)

    def test_elsewhere_passwords_are_new_each_time(self, tools):
        known = password(demo(tools).stdout, "admin")
        first = password(demo(tools, "--host", "0.0.0.0").stdout, "admin")
        second = password(demo(tools, "--host", "0.0.0.0").stdout, "admin")

        assert len({known, first, second}) == 3
        tools.sessions.log_in("admin", second, ADDRESS)
        for old in (known, first):
            with pytest.raises(BadCredentials):
                tools.sessions.log_in("admin", old, ADDRESS)

    def test_back_on_loopback_the_known_ones_are_back(self, tools):
        known = password(demo(tools).stdout, "staff")
        demo(tools, "--host", "192.0.2.1")

        assert password(demo(tools).stdout, "staff") == known
        tools.sessions.log_in("staff", known, ADDRESS)

    def test_an_account_of_somebody_else_is_left_alone(self, tools):
        tools.accounts.sign_up("admin", PASSWORD)

        result = CliRunner().invoke(cli, ["demo", "--host", "0.0.0.0"], obj=lambda: tools)

        assert result.exit_code == 1
        assert "admin is not the demo's" in result.stderr
        tools.sessions.log_in("admin", PASSWORD, ADDRESS)


class TestCommand:
    def test_addresses_are_printed(self, tools):
        printed = demo(tools, "--port", "9000").stdout

        assert "http://127.0.0.1:9000\n" in printed
        assert "http://127.0.0.1:9000/swagger/\n" in printed
        assert "http://127.0.0.1:9000/admin/\n" in printed
        assert tools.calls == [("as_demo",), ("migrate", False, 2)]

    def test_it_serves_if_asked(self, tools):
        demo(tools, "--serve", "--host", "::1", "--workers", "1")

        assert tools.calls[-1] == ("serve", "::1", 8000, 1, 4)

    def test_not_in_production(self, tools):
        tools.is_production = True

        result = CliRunner().invoke(cli, ["demo", "--serve"], obj=lambda: tools)

        assert result.exit_code == 1
        assert "TICKETING_ENV=production" in result.stderr
        assert tools.calls == []
        assert shows(tools) == []


class TestTimetable:
    def timetable(self, zone: str) -> Timetable:
        return Timetable(films(), SCREENS, ZoneInfo(zone))

    @pytest.mark.parametrize("zone", ["UTC", "Europe/London", "America/Havana", "Pacific/Apia"])
    def test_there_always_is_a_first_show(self, zone):
        timetable = self.timetable(zone)
        for minutes in range(0, 366 * 24 * 60, 47):
            now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
            show = timetable.first_show(now)
            assert show.movie == timetable.movies[0]
            assert timedelta(hours=2) < show.starts_at - now < timedelta(hours=24)

    @pytest.mark.parametrize("number", range(len(SCREENS)))
    def test_there_is_time_for_cleaning(self, number):
        slots = list(self.timetable("Europe/London").day(NOW.date(), number))

        for slot, following in pairwise(slots):
            ends_at = slot.starts_at + timedelta(minutes=slot.movie.duration_minutes)
            assert timedelta(minutes=20) <= following.starts_at - ends_at < timedelta(minutes=25)
        starts = [slot.starts_at.astimezone(ZoneInfo("Europe/London")) for slot in slots]
        assert all(start.minute % 5 == 0 for start in starts)
        assert 11 <= starts[0].hour < 12
        assert (starts[-1].hour, starts[-1].minute) <= (22, 30)


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("kept_rows", [0, 2])
def test_parties_sit_together(screen, kept_rows):
    plan = screen.plan
    for show in range(100):
        groups = list(parties(plan, f"show {show}", kept_rows))
        seats = [number for group in groups for number in group]
        assert len(set(seats)) == len(seats)
        assert min(seats) > kept_rows * plan.seats_per_row
        for group in groups:
            assert 1 <= len(group) <= 5
            assert len({plan.seat(number).row for number in group}) == 1
            assert group == list(range(group[0], group[-1] + 1))
