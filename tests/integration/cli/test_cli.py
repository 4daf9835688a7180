"""The commands over an SQLite file. ``test_command.py`` runs them as programs."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from io import StringIO
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from tests.builders import (
    A_WEEK,
    ADDRESS,
    PASSWORD,
    a_booking,
    a_movie,
    a_screen,
    a_show,
    put_on,
)
from tests.integration.databases import downgrade, opened
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.bootstrap import open_box_office
from ticketing.domain.accounts.account import Role
from ticketing.domain.accounts.errors import BadCredentials
from ticketing.domain.box_office import BoxOffice, UnitOfWork
from ticketing.domain.errors import Busy
from ticketing.domain.paging import Window
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.seat_plans.readers import plan_from_document, plan_from_file
from ticketing.domain.sales.booking import Booking
from ticketing.domain.times import EARLIEST
from ticketing.entrypoints.cli.main import cli
from ticketing.entrypoints.cli.serve import is_loopback, server_url
from ticketing.settings import Settings


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    given = {"DATABASE_URL": sqlite_url, "TIMEZONE": "Europe/London", "WORKERS": "2"}
    return Settings.from_env({f"TICKETING_{name}": value for name, value in given.items()})


@pytest.fixture
def box_office(settings: Settings, database: Database) -> BoxOffice:
    return open_box_office(settings, database)


def ticketing(settings: Settings, *args: str, input: str | None = None) -> Result:
    return CliRunner().invoke(cli, args, obj=settings, input=input, prog_name="ticketing")


def refusal(settings: Settings, *args: str, input: str | None = None) -> str:
    """Return the error message of a command that fails."""
    result = ticketing(settings, *args, input=input)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    return result.stderr.removeprefix("Error: ").rstrip()


class TestEveryCommand:
    def test_help_needs_no_settings(self, monkeypatch):
        monkeypatch.setenv("TICKETING_ENV", "wrong")

        result = CliRunner().invoke(cli, ["--help"])

        assert result.exit_code == 0
        for command in cli.commands:
            assert f"\n  {command} " in result.stdout
            assert CliRunner().invoke(cli, [command, "--help"]).exit_code == 0
        assert "TICKETING_" in result.stdout

    def test_invalid_settings_are_reported_without_a_traceback(self, monkeypatch):
        monkeypatch.setenv("TICKETING_ENV", "wrong")
        monkeypatch.setenv("TICKETING_THREADS", "wrong")

        result = CliRunner().invoke(cli, ["migrate"])

        assert result.exit_code == 1
        first, second = result.stderr.splitlines()
        assert first.startswith("Error: TICKETING_ENV: ")
        assert second.startswith("TICKETING_THREADS: ")

    @pytest.mark.parametrize(
        ("error", "message"),
        [
            (Busy("The database is away."), "The database is away."),
            (OSError(98, "Address already in use"), "Address already in use"),
            (FileNotFoundError(2, "No such file", "x.db"), "x.db: No such file"),
            (KeyError("name"), "Unexpected error: KeyError: 'name'"),
        ],
    )
    def test_errors_are_reported_without_a_traceback(self, settings, monkeypatch, error, message):
        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr("ticketing.entrypoints.cli.schema.migrate_schema", fail)

        assert message in refusal(settings, "migrate")


class TestServe:
    @pytest.fixture
    def served(self, monkeypatch):
        """Record host, port, workers and threads instead of serving."""
        calls = []

        def serve(_app, *args):
            calls.append(args[:4])
            args[-1]()

        monkeypatch.setattr("ticketing.entrypoints.server.serve", serve)
        return calls

    def test_workers_and_threads_of_the_settings(self, settings, served):
        result = ticketing(settings, "serve")

        assert served == [("127.0.0.1", 8000, 2, settings.threads)]
        assert result.stdout == "Serving on http://127.0.0.1:8000\n"

    def test_workers_and_threads_of_the_options(self, settings, served):
        options = ["--host", "::", "--port", "80", "--workers", "1", "--threads", "9"]
        result = ticketing(settings, "serve", *options)

        assert served == [("::", 80, 1, 9)]
        assert result.stdout == "Serving on http://[::1]:80\n"

    def test_a_port_out_of_range_is_refused(self, settings):
        assert ticketing(settings, "serve", "--port", "65536").exit_code == 2

    @pytest.mark.parametrize(
        ("host", "url", "is_private"),
        [
            ("127.0.0.1", "http://127.0.0.1:80", True),
            ("::1", "http://[::1]:80", True),
            ("localhost", "http://localhost:80", True),
            ("0.0.0.0", "http://127.0.0.1:80", False),
            ("box-office", "http://box-office:80", False),
        ],
    )
    def test_the_url_of_an_address(self, host, url, is_private):
        assert server_url(host, 80) == url
        assert is_loopback(host) == is_private


class TestMigrate:
    def test_a_current_schema_stays(self, settings):
        result = ticketing(settings, "migrate")

        assert result.stdout == "The database schema is up to date.\n"

    def test_sql_is_printed_and_not_run(self, tmp_path):
        settings = Settings.from_env({"TICKETING_DATABASE_URL": f"sqlite:///{tmp_path}/new.db"})

        assert "CREATE TABLE" in ticketing(settings, "migrate", "--sql").stdout
        assert not (tmp_path / "new.db").exists()

    def test_check_succeeds_on_a_current_schema(self, settings):
        assert ticketing(settings, "migrate", "--check").exit_code == 0

    def test_check_of_an_old_release_accepts_a_newer_schema(self, settings, database, caplog):
        with database.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

        assert ticketing(settings, "migrate", "--check").exit_code == 0
        assert "(revision 9999) is newer than this software" in caplog.text

    def test_a_worker_node_of_citus_is_refused(self, settings, monkeypatch):
        monkeypatch.setattr(schema, "revision", lambda engine: None)
        monkeypatch.setattr(schema, "is_worker", lambda connection: True)

        assert "coordinator" in refusal(settings, "migrate")

    def test_check_fails_if_the_schema_differs(self, settings, database):
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE movies RENAME COLUMN language TO tongue")

        assert "tongue" in refusal(settings, "migrate", "--check")

    def test_sql_and_check_cannot_be_combined(self, settings):
        assert ticketing(settings, "migrate", "--check", "--sql").exit_code == 2


class TestAccounts:
    def test_an_admin_with_the_password_from_standard_input(self, settings, box_office):
        result = ticketing(settings, "create-admin", "maria", input=f"{PASSWORD}\n")

        assert result.stdout == "Created maria with the role admin.\n"
        assert box_office.sessions.log_in("maria", PASSWORD, ADDRESS).account.role == Role.ADMIN

    def test_staff_with_an_email_address(self, settings, box_office):
        options = ["--role", "staff", "--email", "m@example.org"]
        ticketing(settings, "create-admin", "maria", *options, input=PASSWORD)

        assert (
            box_office.sessions.log_in("m@example.org", PASSWORD, ADDRESS).account.role
            == Role.STAFF
        )

    def test_a_taken_username_is_refused(self, settings):
        ticketing(settings, "create-admin", "maria", input=PASSWORD)

        message = refusal(settings, "create-admin", "Maria", input="another password")

        assert (
            message == "The account Maria already exists: change it with set-role or set-password."
        )

    def test_each_invalid_field_is_reported(self, settings):
        message = refusal(settings, "create-admin", "m", "--email", "m", input="short\n")

        assert [line.split(":")[0] for line in message.splitlines()] == [
            "username",
            "password",
            "email",
        ]

    def test_an_empty_password_is_refused(self, settings):
        assert "password: Use at least" in refusal(settings, "create-admin", "maria", input="")

    def test_set_role(self, settings, box_office):
        ticketing(settings, "create-admin", "maria", input=PASSWORD)

        assert "role staff" in ticketing(settings, "set-role", "maria", "staff").stdout
        assert box_office.sessions.log_in("maria", PASSWORD, ADDRESS).account.role == Role.STAFF

    def test_set_role_of_an_unknown_account(self, settings):
        assert refusal(settings, "set-role", "maria", "staff") == "There is no such user."

    def test_set_role_to_an_unknown_role(self, settings):
        assert ticketing(settings, "set-role", "maria", "boss").exit_code == 2

    def test_set_password_from_standard_input(self, settings, box_office):
        ticketing(settings, "create-admin", "maria", input=PASSWORD)
        session = box_office.sessions.log_in("maria", PASSWORD, ADDRESS).session

        result = ticketing(settings, "set-password", "MARIA", input="another horse\n")

        assert result.stdout.startswith("Changed the password of maria")
        assert box_office.sessions.log_in("maria", "another horse", ADDRESS)
        assert box_office.queries.accounts.revoked_sessions(A_WEEK) == {session.id}
        with pytest.raises(BadCredentials):
            box_office.sessions.log_in("maria", PASSWORD, ADDRESS)

    def test_a_password_is_not_an_argument(self, settings):
        assert ticketing(settings, "set-password", "maria", "another horse").exit_code == 2

    def test_no_password_is_read_for_an_unknown_account(self, settings, monkeypatch):
        class Unread(StringIO):
            def readline(self, *_):
                raise AssertionError

        monkeypatch.setattr("sys.stdin", Unread())

        with pytest.raises(click.ClickException, match="There is no such user"):
            cli.main(["set-password", "maria"], obj=settings, standalone_mode=False)

    @pytest.mark.parametrize("password", ["", "short", "maria"])
    def test_an_invalid_password_changes_nothing(self, settings, box_office, password):
        ticketing(settings, "create-admin", "maria", input=PASSWORD)

        assert refusal(settings, "set-password", "maria", input=password).startswith("password: ")
        assert box_office.sessions.log_in("maria", PASSWORD, ADDRESS)

    def test_an_outdated_schema_is_refused_before_the_password_is_read(self, settings):
        with opened(settings.database_url) as database:
            downgrade(database, "0001")

        assert "ticketing migrate" in refusal(settings, "create-admin", "maria")


def sell(booking: Booking, uow: UnitOfWork) -> None:
    uow.bookings.add(booking)


class TestShowSeats:
    def seat_map(
        self, settings: Settings, transactions: SqlTransactions, plan: SeatPlan, booked: list[int]
    ) -> list[str]:
        show = a_show(movie=a_movie("Up"), screen=a_screen(plan=plan), plan=plan)
        show = put_on(transactions, show)
        for number in booked:
            transactions(partial(sell, a_booking(show, [number])))
        return ticketing(settings, "show", "seats", str(show.id)).stdout.splitlines()

    def test_the_seat_map_is_drawn(self, settings, transactions):
        assert self.seat_map(settings, transactions, plain_grid(25), booked=[1, 12, 25]) == [
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
    def test_no_line_is_wider_than_the_terminal(self, settings, transactions, monkeypatch, width):
        monkeypatch.setenv("COLUMNS", "80")

        lines = self.seat_map(
            settings, transactions, plain_grid(3 * width, width), booked=[1, 2 * width]
        )

        assert max(map(len, lines)) <= 80
        seat_map = "".join(lines[2:-1])
        assert (seat_map.count("."), seat_map.count("#")) == (3 * width - 2, 2)

    def test_an_unknown_show(self, settings):
        assert refusal(settings, "show", "seats", "7") == "There is no such show."

    def test_an_id_out_of_range(self, settings):
        assert refusal(settings, "show", "seats", str(2**70)) == "There is no such show."


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

    def faults(self, settings: Settings, file: Path, content: str | bytes) -> list[str]:
        first, *faults = refusal(settings, "import", self.written(file, content)).splitlines()
        assert first == "Nothing was imported."
        return faults

    @pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
    def test_csv(self, settings, box_office, file, start):
        result = ticketing(settings, "import", self.written(file, start + CSV.encode()))

        assert result.stdout == (
            "movies       2 added      0 unchanged\n"
            "screens      2 added      0 unchanged\n"
            "shows        2 added      0 unchanged\n"
        )
        starts = sorted(
            offer.show.starts_at
            for offer in box_office.queries.programme.shows(
                ShowFilter(starts_from=EARLIEST), ALL
            ).items
        )
        assert [f"{start:%H:%M %Z}" for start in starts] == ["19:15 UTC", "21:30 UTC"]

    def test_importing_again_changes_nothing(self, settings, file):
        path = self.written(file, CSV)
        ticketing(settings, "import", path)

        assert "shows        0 added      2 unchanged" in ticketing(settings, "import", path).stdout

    def test_json(self, settings, file):
        path = self.written(file.with_suffix(".JSON"), json.dumps(JSON))

        assert "shows        1 added" in ticketing(settings, "import", path).stdout

    def test_every_invalid_line_is_reported(self, settings, box_office, file):
        content = CSV + (
            ",90,,One,,,2030-06-01T20:15\n"
            '"Two\nlines",ninety,,,,,\n'
            "Up,,,One,0,x,2030-06-01\n"
            "\n"
            "Up,,,One,,,\n"
            f"{'x' * 201},1,,One,,,2030-06-02T20:15,more\n"
        )

        assert [line.split(": ")[:2] for line in self.faults(settings, file, content)] == [
            ["line 6", "title"],
            ["line 7", "duration_minutes"],
            ["line 9", "seats_per_row"],
            ["line 9", "starts_at"],
            ["line 9", "rows"],
            ["line 11", "starts_at"],
            ["line 12", "This line has more cells than the header (7)."],
            ["line 12", "title"],
        ]
        assert box_office.queries.programme.movies("", ALL).total == 0

    def test_unknown_movies_and_screens_are_reported(self, settings, file):
        content = "title,screen,starts_at\nUp,One,2030-06-01T20:15\n"

        assert self.faults(settings, file, content) == [
            "line 2: title: There is no movie of this title.",
            "line 2: screen: There is no screen of this name.",
        ]

    @pytest.mark.parametrize(
        ("content", "fault"),
        [
            (b"", "programme.csv: The file contains no movies, screens or shows."),
            (b"title\n", "programme.csv: The file contains no movies, screens or shows."),
            (b"title\nUp\n\xff\n", "line 3: This is not UTF-8: save the file as UTF-8."),
            (b"title\nU\0p\n", "line 2: This contains a NUL character."),
            (b'title\n"Up\n', "line 2: This is not CSV: unexpected end of data."),
            (b"title,film\nUp,1\n", "line 1: Unknown column 'film'. The columns are title, "),
            (b"title;screen\nUp;1\n", "line 1: Unknown column 'title;screen'. The columns"),
            (b"title,title\nUp,1\n", "line 1: Duplicate column 'title'."),
            (b" " * (10 * 1024**2 + 1), "programme.csv: The file is larger than 10 MiB."),
        ],
    )
    def test_csv_that_cannot_be_read(self, settings, file, content, fault):
        [found] = self.faults(settings, file, content)

        assert found.startswith(fault)

    @pytest.mark.parametrize(
        ("content", "fault"),
        [
            ("", "line 1, column 1: This is not JSON: "),
            ('{"shows": [}', "line 1, column 12: This is not JSON: "),
            ("[]", "the file: An object with only movies, screens, shows is required."),
            ('{"films": []}', "the file: An object with only"),
            ("[" * 100_000, "the file: A number is too long, or "),
            ("1" * 5000, "the file: A number is too long, or "),
            ('{"shows": 1}', "shows: A list is required."),
            ('{"movies": ["Up"]}', "movies[0]: An object is required."),
            ('{"movies": [{"title": "\\ud800", "duration_minutes": 1}]}', "movies[0]: title: "),
            ('{"movies": [{"title": "Up", "duration_minutes": 9.5}]}', "movies[0]: duration_"),
            ('{"movies": [{"title": 5, "duration_minutes": 9}]}', "movies[0]: title: A string is"),
            ('{"movies": [{"title": "Up", "duration_minutes": true}]}', "movies[0]: duration_m"),
            (
                '{"movies": [{"title": "Up", "duration_minutes": 9, "x": 1}]}',
                "movies[0]: Unknown field",
            ),
            (
                '{"shows": [{"movie": "a", "screen": "b", "starts_at": "0001-01-01T00:00+14:00"}]}',
                "shows[0]: starts_at: A date and time is required",
            ),
        ],
    )
    def test_json_with_errors(self, settings, file, content, fault):
        [found] = self.faults(settings, file.with_suffix(".json"), content)

        assert found.startswith(fault)

    def test_an_unknown_file_format(self, settings, file):
        assert self.faults(settings, file.with_suffix(".xlsx"), "title\n") == [
            "programme.xlsx: The file name must end in .csv or .json."
        ]

    def test_a_missing_file(self, settings, file):
        assert ticketing(settings, "import", str(file)).exit_code == 2


class TestImportPlan:
    @pytest.fixture
    def file(self, tmp_path: Path) -> str:
        path = tmp_path / "Room.TOML"
        path.write_text('[[sections]]\nrows = "A: 1..4 . 5..8"\n')
        return str(path)

    @pytest.fixture
    def screens(self, box_office):
        def plans() -> dict[str, SeatPlan]:
            return {s.name: s.plan for s in box_office.queries.programme.screens(ALL).items}

        return plans

    def import_(self, settings: Settings, file: str, *options: str) -> Result:
        return ticketing(settings, "import-plan", file, "--screen", "Studio", *options)

    def test_a_new_screen(self, settings, screens, file):
        tried = self.import_(settings, file, "--dry-run")

        assert tried.stdout == "Screen Studio: new, with 8 seats\nNothing was saved.\n"
        assert screens() == {}

        result = self.import_(settings, file, "--stage", "bottom")

        assert (result.exit_code, result.stdout) == (0, "Screen Studio: new, with 8 seats\n")
        assert [len(block) for block in screens()["Studio"].blocks] == [4, 4]
        assert screens()["Studio"].stage == "bottom"

    def test_a_new_plan_of_a_screen_and_its_shows(self, settings, transactions, screens, file):
        in_future = datetime(2190, 1, 1, tzinfo=UTC)
        free = put_on(transactions, a_show(screen=a_screen("Studio"), starts_at=in_future))
        sold = put_on(transactions, replace(free, starts_at=free.starts_at + A_WEEK))
        transactions(partial(sell, a_booking(sold, (2, 1))))
        expected = (
            "Screen Studio: 8 seats\n"
            f"Show {free.id}: changed\n"
            f"Show {sold.id}: keeps its plan, because of A1, A2\n"
        )

        tried = self.import_(settings, file, "--dry-run")

        assert tried.stdout == f"{expected}Nothing was saved.\n"
        assert screens()["Studio"].total_seats == 50

        result = self.import_(settings, file, "--screen", "STUDIO")

        assert (result.exit_code, result.stdout) == (0, expected)
        assert screens()["Studio"].total_seats == 8

    def test_every_fault_is_printed_with_its_place(self, settings, screens, tmp_path):
        file = tmp_path / "room.csv"
        file.write_text("A1;A2;x\n" + "".join(f"!{n};A1\n" for n in range(3, 150)))

        result = self.import_(settings, str(file))

        assert result.exit_code == 1
        first, *faults = result.stderr.removeprefix("Error: ").splitlines()
        assert first == "This seat plan is not valid."
        assert faults[0].startswith("C1: ")
        assert len(faults) > 140
        assert screens() == {}

    def test_warnings_are_printed(self, settings, tmp_path):
        file = tmp_path / "room.json"
        seats = [{"name": str(n), "x": n % 2 * 25, "y": n // 2 * 25} for n in range(3)]
        file.write_text(json.dumps({"sections": [{"rows": [{"name": "A", "seats": seats}]}]}))

        result = self.import_(settings, str(file))

        assert result.exit_code == 0
        assert result.stderr.startswith("Warning: /sections/0/rows/0: ")

    def test_pretix_with_repeated_guids(self, settings, screens, tmp_path, transactions):
        transactions(lambda uow: uow.screens.add(a_screen("Source")))
        exported = ticketing(settings, "export-plan", "--screen", "Source", "--format", "pretix")
        document = json.loads(exported.stdout)
        for row in document["zones"][0]["rows"]:
            for seat in row["seats"]:
                seat |= {"uuid": seat["seat_guid"], "seat_guid": "same"}
        file = tmp_path / "room.json"
        file.write_text(json.dumps(document))

        refused = self.import_(settings, str(file))
        assert refused.exit_code == 1
        assert refused.stderr.count("'same' is used at") == 49

        assert self.import_(settings, str(file), "--identity", "uuid").exit_code == 0
        assert screens()["Studio"] == screens()["Source"]

    def test_a_file_of_another_kind(self, settings, tmp_path):
        file = tmp_path / "room.exe"
        file.write_bytes(b"")

        message = refusal(settings, "import-plan", str(file), "--screen", "Studio")

        assert "The file name must end in" in message

    def test_an_invalid_name(self, settings, file, screens):
        message = refusal(settings, "import-plan", file, "--screen", " ")

        assert message == "name: This may not be empty."
        assert screens() == {}


class TestExportPlan:
    @pytest.fixture
    def plan(self, transactions) -> SeatPlan:
        """A plan with everything that plans can have, of the screen "Lounge"."""
        document = {
            "stage": "bottom",
            "categories": [
                {"name": "Chair", "color": "#abc"},
                {"name": "O'Neill's", "color": "#def"},
            ],
            "sections": [
                {
                    "name": "Stalls",
                    "level": "Ground floor",
                    "rows": "A: 1+ 2 . 3\nÄ: 1..3",
                    "exceptions": [
                        {"rows": "A", "seats": "2", "companion_of": "1"},
                        {"rows": "Ä", "category": "O'Neill's", "features": ["restricted_view"]},
                    ],
                },
                {"name": "Box \\ 1", "position": [0, 100], "rows": "B: 1..2"},
            ],
        }
        screen = a_screen("Lounge", plan_from_document(document).plan)
        added: Screen = transactions(lambda uow: uow.screens.add(screen))
        return added.plan

    @pytest.mark.parametrize(
        ("options", "suffix"), [([], ".toml"), (["--format", "json"], ".json")]
    )
    def test_it_is_read_as_the_same_plan(self, settings, plan, options, suffix):
        result = ticketing(settings, "export-plan", "--screen", "lounge ", *options)

        assert plan_from_file(result.stdout.encode(), suffix).plan == plan

    def test_toml_has_a_line_for_each_seat(self, settings, plan):
        lines = ticketing(settings, "export-plan", "--screen", "Lounge").stdout.splitlines()

        assert '  { name = "2", x = 25.0, y = 0.0, companion_of = ["1"] },' in lines

    def test_the_format_of_pretix(self, settings, plan):
        result = ticketing(settings, "export-plan", "--screen", "Lounge", "--format", "pretix")

        document = json.loads(result.stdout)
        assert document["name"] == "Lounge"
        read = plan_from_document(document).plan
        assert [seat.label for seat in read.seats()] == [seat.label for seat in plan.seats()]

    def test_an_unknown_screen(self, settings):
        message = refusal(settings, "export-plan", "--screen", "Lounge")

        assert message == "There is no screen 'Lounge'."
