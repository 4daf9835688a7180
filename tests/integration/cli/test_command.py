"""The command as a program, with an SQLite file."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.integration.polling import until
from tests.integration.postgresql_server import free_port

COMMAND = [sys.executable, "-P", "-m", "ticketing"]
SOURCE = Path(__file__).parents[3] / "src"
TIMEOUT_SECONDS = 60.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def environment(home: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TICKETING_")}
    named = {f"TICKETING_{name}": value for name, value in settings.items()}
    return kept | {"PYTHONPATH": str(SOURCE), "TICKETING_HOME": str(home)} | named


def ticketing(
    home: Path, *args: str, input: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *args],
        env=environment(home, **settings),
        input=input,
        capture_output=True,
        text=True,
        cwd=home,
        timeout=TIMEOUT_SECONDS,
    )
    assert "Traceback" not in done.stderr
    return done


def store(home: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(home / "ticketing.db"))


def test_help(home):
    done = ticketing(home, "--help")

    assert done.returncode == 0
    assert "create-admin" in done.stdout
    assert list(home.iterdir()) == []


def test_settings_of_the_file_and_warnings_of_unknown_ones(home):
    (home / ".env").write_text("TICKETING_DATABASE_URL=sqlite:///shop.db\nTICKETING_COLOUR=red\n")

    done = ticketing(home, "migrate")

    assert done.returncode == 0
    assert (home / "shop.db").exists()
    assert "TICKETING_COLOUR is not a setting." in done.stderr


def test_a_new_cinema(home):
    assert ticketing(home, "migrate").returncode == 0

    done = ticketing(home, "create-admin", "maria", input="correct horse\n")
    assert (done.returncode, done.stdout) == (0, "Created maria with the role admin.\n")

    programme = {
        "movies": [{"title": "Up", "duration_minutes": 96}],
        "screens": [{"name": "One", "rows": 3, "seats_per_row": 10}],
        "shows": [{"movie": "Up", "screen": "One", "starts_at": "2030-06-01T20:15"}],
    }
    (home / "programme.json").write_text(json.dumps(programme))
    zone = {"TIMEZONE": "Europe/London"}
    assert "1 added" in ticketing(home, "import", "programme.json", **zone).stdout
    with store(home) as database:
        [starts_at] = database.execute("SELECT starts_at FROM shows").fetchone()
    assert starts_at.startswith("2030-06-01 19:15")


def test_an_unreachable_database(home):
    url = "postgresql://nobody:hunter2@127.0.0.1:1/nothing"

    done = ticketing(home, "migrate", DATABASE_URL=url)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "hunter2" not in done.stderr


def test_a_file_that_is_not_a_database(home):
    (home / "ticketing.db").write_text("This is no database." * 100)

    done = ticketing(home, "migrate")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: ")


def test_the_demo_twice(home):
    started = datetime.now(UTC)
    first, again = ticketing(home, "demo"), ticketing(home, "demo")

    assert first.returncode == again.returncode == 0
    assert first.stdout == again.stdout
    for url in ("", "/swagger/", "/admin/"):
        assert f"http://127.0.0.1:8000{url}\n" in first.stdout
    with store(home) as database:
        show = "SELECT movie_id, screen_id, starts_at FROM shows WHERE id = 1"
        movie, screen, starts_at = database.execute(show).fetchone()
        [sold] = database.execute(
            "SELECT count(*) FROM show_seats WHERE show_id = 1 AND number <= 20"
            " AND booking_id IS NOT NULL"
        ).fetchone()
    assert (movie, screen, sold) == (1, 1, 0)
    start = datetime.fromisoformat(starts_at).replace(tzinfo=UTC)
    assert timedelta(hours=2) <= start - started <= timedelta(hours=24)


def test_no_demo_in_production(home):
    done = ticketing(
        home, "demo", ENV="production", SECRET_KEY="s" * 32, ALLOWED_HOSTS="tickets.example.org"
    )

    assert done.returncode == 1
    assert "TICKETING_ENV=production" in done.stderr
    assert not (home / "ticketing.db").exists()


@contextmanager
def serving(home: Path, *args: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield the process and its URL once it answers."""
    port = free_port()
    server = subprocess.Popen(
        [*COMMAND, *args, "--port", str(port), "--workers", "2"],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: _answers(url) or server.poll() is not None)
        assert server.poll() is None
        yield server, url
    finally:
        server.kill()
        server.communicate()


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/readyz", timeout=5):
            return True
    except (URLError, OSError):
        return False


def test_the_demo_is_served_until_sigterm(home):
    with serving(home, "demo", "--serve") as (server, url):
        with urlopen(f"{url}/api/shows/1", timeout=TIMEOUT_SECONDS) as answer:
            assert json.load(answer)["movie"]["title"] == "Inception"

        server.send_signal(signal.SIGTERM)
        printed, _ = server.communicate(timeout=TIMEOUT_SECONDS)

    assert server.returncode == 0
    assert url in printed
    assert "popcorn-customer" in printed


def test_ctrl_c_works_during_imports(home):
    (home / "click.py").write_text("import time\nprint('reading', flush=True)\ntime.sleep(60)\n")
    starting = subprocess.Popen(
        [*COMMAND, "--help"],
        env=environment(home) | {"PYTHONPATH": f"{home}{os.pathsep}{SOURCE}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=enable_ctrl_c,
    )
    assert starting.stdout
    assert starting.stdout.readline() == "reading\n"

    starting.send_signal(signal.SIGINT)

    assert starting.communicate(timeout=TIMEOUT_SECONDS) == ("", "")
    assert starting.returncode == 130


def enable_ctrl_c() -> None:
    """Background jobs of a shell ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_port_that_is_taken(home, sqlite_template):
    shutil.copy(sqlite_template, home / "ticketing.db")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = ticketing(home, "serve", "--port", str(taken.getsockname()[1]))

    assert done.returncode == 1
    assert done.stdout == ""
    assert "already in use" in done.stderr.splitlines()[-1]
