"""The commands, over dictionaries. ``test_command.py`` runs them as programs."""

import json
from functools import partial
from io import StringIO
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from tests.builders import ADDRESS, PASSWORD, a_booking, a_movie, a_screen, a_show, put_on
from tests.integration.memory_tools import MemoryTools
from ticketing.domain.accounts.account import Role
from ticketing.domain.accounts.errors import BadCredentials
from ticketing.domain.errors import Busy
from ticketing.domain.paging import Window
from ticketing.domain.programme.seat_plan import SeatPlan
from ticketing.domain.sales.booking import Booking
from ticketing.domain.store import UnitOfWork
from ticketing.entrypoints.cli import CannotRun, cli


@pytest.fixture
def tools() -> MemoryTools:
    return MemoryTools()


def ticketing(tools: MemoryTools, *args: str, input: str | None = None) -> Result:
    return CliRunner().invoke(cli, args, obj=lambda: tools, input=input, prog_name="ticketing")


def refusal(tools: MemoryTools, *args: str, input: str | None = None) -> str:
    """What a command says that is refused."""
    result = ticketing(tools, *args, input=input)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    return result.stderr.removeprefix("Error: ").rstrip()


class TestEveryCommand:
    def test_help_needs_no_settings(self):
        def unusable():
            raise AssertionError

        result = CliRunner().invoke(cli, ["--help"], obj=unusable)

        assert result.exit_code == 0
        setting_up = ("migrate", "create-admin", "set-role", "set-password", "import")
        for word in ("serve", "demo", "show", *setting_up):
            assert f"\n  {word} " in result.stdout
        assert "TICKETING_" in result.stdout

    def test_faulty_settings_are_named_without_a_traceback(self):
        def faulty():
            raise CannotRun("TICKETING_ENV: wrong.\nTICKETING_THREADS: wrong.")

        result = CliRunner().invoke(cli, ["migrate"], obj=faulty)

        assert result.exit_code == 1
        assert result.stderr == "Error: TICKETING_ENV: wrong.\nTICKETING_THREADS: wrong.\n"

    @pytest.mark.parametrize(
        ("error", "said"),
        [
            (Busy("The store is away."), "The store is away."),
            (OSError(98, "Address already in use"), "Address already in use"),
            (FileNotFoundError(2, "No such file", "x.db"), "x.db: No such file"),
            (KeyError("name"), "shows where): KeyError: 'name'"),
        ],
    )
    def test_no_error_ends_in_a_traceback(self, tools, monkeypatch, error, said):
        def fail(**_: bool) -> None:
            raise error

        monkeypatch.setattr(tools, "migrate", fail)

        assert said in refusal(tools, "migrate")


class TestServe:
    def test_as_many_workers_as_configured(self, tools):
        result = ticketing(tools, "serve")

        assert tools.calls == [("serve", "127.0.0.1", 8000, 2, 4)]
        assert result.stdout == "Serving on http://127.0.0.1:8000\n"

    def test_as_many_workers_as_asked_for(self, tools):
        options = ["--host", "::", "--port", "80", "--workers", "1", "--threads", "9"]
        result = ticketing(tools, "serve", *options)

        assert tools.calls == [("serve", "::", 80, 1, 9)]
        assert result.stdout == "Serving on http://[::1]:80\n"

    def test_no_such_port(self, tools):
        assert ticketing(tools, "serve", "--port", "65536").exit_code == 2


class TestMigrate:
    def test_it_migrates(self, tools):
        assert ticketing(tools, "migrate").exit_code == 0
        assert tools.calls == [("migrate", False, 2)]

    def test_it_waits_as_long_as_it_is_told_to(self, tools):
        assert ticketing(tools, "migrate", "--wait", "60").exit_code == 0
        assert tools.calls == [("migrate", False, 60)]

    def test_sql_is_all_that_is_printed(self, tools):
        assert ticketing(tools, "migrate", "--sql").stdout == ""
        assert tools.calls == [("migrate", True, 2)]

    def test_check_changes_nothing(self, tools):
        assert ticketing(tools, "migrate", "--check").exit_code == 0
        assert tools.calls == []

    def test_check_fails_where_the_schema_differs(self, tools):
        tools.is_current = False

        assert "screen_id" in refusal(tools, "migrate", "--check")

    def test_sql_and_check_exclude_each_other(self, tools):
        assert ticketing(tools, "migrate", "--check", "--sql").exit_code == 2


class TestAccounts:
    def test_an_admin_with_the_password_from_standard_input(self, tools):
        result = ticketing(tools, "create-admin", "maria", input=f"{PASSWORD}\n")

        assert result.stdout == "maria is admin now.\n"
        assert tools.sessions.log_in("maria", PASSWORD, ADDRESS).account.role == Role.ADMIN

    def test_staff_with_an_email_address(self, tools):
        options = ["--role", "staff", "--email", "m@example.org"]
        ticketing(tools, "create-admin", "maria", *options, input=PASSWORD)

        assert tools.sessions.log_in("m@example.org", PASSWORD, ADDRESS).account.role == Role.STAFF

    def test_a_taken_username_is_refused(self, tools):
        ticketing(tools, "create-admin", "maria", input=PASSWORD)

        said = refusal(tools, "create-admin", "Maria", input="another password")

        assert said == "There is an account Maria already (see set-role and set-password)."

    def test_each_faulty_field_is_named(self, tools):
        said = refusal(tools, "create-admin", "m", "--email", "m", input="short\n")

        assert [line.split(":")[0] for line in said.splitlines()] == [
            "username",
            "password",
            "email",
        ]

    def test_no_password_at_all_is_refused(self, tools):
        assert "password: At least" in refusal(tools, "create-admin", "maria", input="")

    def test_another_role(self, tools):
        ticketing(tools, "create-admin", "maria", input=PASSWORD)

        assert ticketing(tools, "set-role", "maria", "staff").stdout == "maria is staff now.\n"
        assert tools.sessions.log_in("maria", PASSWORD, ADDRESS).account.role == Role.STAFF

    def test_a_role_for_nobody(self, tools):
        assert refusal(tools, "set-role", "maria", "staff") == "There is no such user."

    def test_an_unknown_role(self, tools):
        assert ticketing(tools, "set-role", "maria", "boss").exit_code == 2

    def test_another_password_from_standard_input(self, tools):
        ticketing(tools, "create-admin", "maria", input=PASSWORD)
        session = tools.sessions.log_in("maria", PASSWORD, ADDRESS).session

        result = ticketing(tools, "set-password", "MARIA", input="another horse\n")

        assert result.stdout == "maria has another password now, and is logged out everywhere.\n"
        assert tools.sessions.log_in("maria", "another horse", ADDRESS)
        assert tools.queries.accounts.revoked_sessions(tools.now()) == {session.id}
        with pytest.raises(BadCredentials):
            tools.sessions.log_in("maria", PASSWORD, ADDRESS)

    def test_a_password_is_no_argument(self, tools):
        assert ticketing(tools, "set-password", "maria", "another horse").exit_code == 2

    def test_no_password_is_read_for_nobody(self, tools, monkeypatch):
        """Else somebody at a terminal types one in vain."""

        class Unread(StringIO):
            def readline(self, *_):
                raise AssertionError

        monkeypatch.setattr("sys.stdin", Unread())

        with pytest.raises(click.ClickException, match="There is no such user"):
            cli.main(["set-password", "maria"], obj=lambda: tools, standalone_mode=False)

    @pytest.mark.parametrize("password", ["", "short", "maria"])
    def test_a_password_that_will_not_do_changes_nothing(self, tools, password):
        ticketing(tools, "create-admin", "maria", input=PASSWORD)

        assert refusal(tools, "set-password", "maria", input=password).startswith("password: ")
        assert tools.sessions.log_in("maria", PASSWORD, ADDRESS)

    def test_an_old_schema_is_refused_before_anything_is_asked(self, tools):
        tools.is_current = False

        assert "ticketing migrate" in refusal(tools, "create-admin", "maria")


def sell(booking: Booking, uow: UnitOfWork) -> None:
    uow.bookings.add(booking)


class TestShowSeats:
    def room(self, tools: MemoryTools, plan: SeatPlan, booked: list[int]) -> list[str]:
        wanted = a_show(movie=a_movie("Up"), screen=a_screen(plan=plan), plan=plan)
        show = put_on(tools.transactions, wanted)
        for number in booked:
            tools.transactions(partial(sell, a_booking(show, [number])))
        return ticketing(tools, "show", "seats", str(show.id)).stdout.splitlines()

    def test_the_room_is_drawn(self, tools):
        assert self.room(tools, SeatPlan(25), booked=[1, 12, 25]) == [
            "Up - Screen 1 - Tue 05 May 2026, 19:00",
            "",
            "   ====== SCREEN =====",
            "   1       5         10",
            "A  # . . . . . . . . .  A",
            "B  . # . . . . . . . .  B",
            "C  . . . . #            C",
            "",
            "25 seats: 22 free (.), 3 sold (#)",
        ]

    @pytest.mark.parametrize("width", [1, 33, 40, 74, 75, 500])
    def test_no_line_is_wider_than_the_terminal(self, tools, monkeypatch, width):
        monkeypatch.setenv("COLUMNS", "80")

        lines = self.room(tools, SeatPlan(3 * width, width), booked=[1, 2 * width])

        assert max(map(len, lines)) <= 80
        room = "".join(lines[2:-1])
        assert (room.count("."), room.count("#")) == (3 * width - 2, 2)

    def test_a_show_that_is_not(self, tools):
        assert refusal(tools, "show", "seats", "7") == "There is no such show."

    def test_an_id_beyond_all_ids(self, tools):
        assert refusal(tools, "show", "seats", str(2**70)) == "There is no such show."


ALL = Window(0, 1000)

CSV = """\
title,duration_minutes,rating,screen,rows,seats_per_row,starts_at
Up,96,U,One,5,10,2030-06-01T20:15
Up,,,One,,,2030-06-01 23:30+02:00
Roma,135,15,,,,
,,,Two,4,8,
"""

JSON = {
    "movies": [{"title": "Up", "duration_minutes": 96, "rating": "U"}],
    "screens": [{"name": "One", "rows": 5, "seats_per_row": 10}],
    "shows": [{"movie": "Up", "screen": "One", "starts_at": "2030-06-01T20:15"}],
}


class TestImport:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return tmp_path / "programme.csv"

    def written(self, file: Path, content: str | bytes) -> str:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(file)

    def faults(self, tools: MemoryTools, file: Path, content: str | bytes) -> list[str]:
        first, *faults = refusal(tools, "import", self.written(file, content)).splitlines()
        assert first == "Nothing was imported."
        return faults

    @pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
    def test_csv(self, tools, file, start):
        result = ticketing(tools, "import", self.written(file, start + CSV.encode()))

        assert result.stdout == (
            "movies       2 added      0 there already\n"
            "screens      2 added      0 there already\n"
            "shows        2 added      0 there already\n"
        )
        starts = sorted(show.starts_at for show in tools.transactions.state.shows.values())
        assert [f"{start:%H:%M %Z}" for start in starts] == ["19:15 UTC", "21:30 UTC"]

    def test_again_changes_nothing(self, tools, file):
        path = self.written(file, CSV)
        ticketing(tools, "import", path)

        assert (
            "shows        0 added      2 there already" in ticketing(tools, "import", path).stdout
        )

    def test_json(self, tools, file):
        path = self.written(file.with_suffix(".JSON"), json.dumps(JSON))

        assert "shows        1 added" in ticketing(tools, "import", path).stdout

    def test_every_faulty_line_is_named(self, tools, file):
        content = CSV + (
            ",90,,One,,,2030-06-01T20:15\n"
            '"Two\nlines",ninety,,,,,\n'
            "Up,,,One,0,x,2030-06-01\n"
            "\n"
            "Up,,,One,,,\n"
            f"{'x' * 201},1,,One,,,2030-06-02T20:15,more\n"
        )

        assert [line.split(": ")[:2] for line in self.faults(tools, file, content)] == [
            ["line 6", "title"],
            ["line 7", "duration_minutes"],
            ["line 9", "seats_per_row"],
            ["line 9", "starts_at"],
            ["line 9", "rows"],
            ["line 11", "starts_at"],
            ["line 12", "There are more than the 7 cells of the header."],
            ["line 12", "title"],
        ]
        assert tools.queries.programme.movies("", ALL).total == 0

    def test_what_the_store_does_not_know_is_named(self, tools, file):
        content = "title,screen,starts_at\nUp,One,2030-06-01T20:15\n"

        assert self.faults(tools, file, content) == [
            "line 2: title: There is no movie of this title.",
            "line 2: screen: There is no screen of this name.",
        ]

    @pytest.mark.parametrize(
        ("content", "fault"),
        [
            (b"", "programme.csv: There are no movies, screens or shows in this file."),
            (b"title\n", "programme.csv: There are no movies, screens or shows in this file."),
            (b"title\nUp\n\xff\n", "line 3: This is not UTF-8; save the file as such."),
            (b"title\nU\0p\n", "line 2: There is a NUL character, which is no text."),
            (b'title\n"Up\n', "line 2: This is not CSV: unexpected end of data."),
            (b"title,film\nUp,1\n", "line 1: There is no column 'film'. Known are title, "),
            (b"title;screen\nUp;1\n", "line 1: There is no column 'title;screen'. Known"),
            (b"title,title\nUp,1\n", "line 1: The column 'title' stands there twice."),
            (b" " * (10 * 1024**2 + 1), "programme.csv: A file of at most 10 MiB is wanted."),
        ],
    )
    def test_csv_that_cannot_be_read(self, tools, file, content, fault):
        [found] = self.faults(tools, file, content)

        assert found.startswith(fault)

    @pytest.mark.parametrize(
        ("content", "fault"),
        [
            ("", "line 1, column 1: This is not JSON: "),
            ('{"shows": [}', "line 1, column 12: This is not JSON: "),
            ("[]", "the file: An object is wanted that has movies, screens, shows only."),
            ('{"films": []}', "the file: An object is wanted"),
            ("[" * 100_000, "the file: There is a number too long, or "),
            ("1" * 5000, "the file: There is a number too long, or "),
            ('{"shows": 1}', "shows: A list is wanted."),
            ('{"movies": ["Up"]}', "movies[0]: An object is wanted."),
            ('{"movies": [{"title": "\\ud800", "duration_minutes": 1}]}', "movies[0]: title: "),
            ('{"movies": [{"title": "Up", "duration_minutes": 9.5}]}', "movies[0]: duration_"),
            ('{"movies": [{"title": 5, "duration_minutes": 9}]}', "movies[0]: title: A text is"),
            ('{"movies": [{"title": "Up", "duration_minutes": true}]}', "movies[0]: duration_m"),
            ('{"movies": [{"title": "Up", "duration_minutes": 9, "x": 1}]}', "movies[0]: There"),
            (
                '{"shows": [{"movie": "a", "screen": "b", "starts_at": "0001-01-01T00:00+14:00"}]}',
                "shows[0]: starts_at: A date and time is required",
            ),
        ],
    )
    def test_json_that_is_wrong(self, tools, file, content, fault):
        [found] = self.faults(tools, file.with_suffix(".json"), content)

        assert found.startswith(fault)

    def test_another_kind_of_file(self, tools, file):
        assert self.faults(tools, file.with_suffix(".xlsx"), "title\n") == [
            "programme.xlsx: The name must end in .csv or .json."
        ]

    def test_no_file(self, tools, file):
        assert ticketing(tools, "import", str(file)).exit_code == 2
