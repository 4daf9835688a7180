"""Debian's PgBouncer before a PostgreSQL, with the settings of docs/scaling.md."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
from psycopg2.sql import SQL, Identifier
from sqlalchemy import make_url

from tests.integration.postgresql_server import die_with_parent, free_port, unprivileged_account

TIMEOUT_SECONDS = 30.0  # seconds for PgBouncer to start or stop
DOCUMENTED = Path(__file__).parents[2] / "docs" / "scaling.md"
_MAIN = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
{settings}
"""


def pgbouncer_path() -> str:
    """Return PgBouncer's binary; without one, skip the test, or fail it where it is required."""
    path = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if path:
        return path
    if os.environ.get("TICKETING_TEST_REQUIRE_PGBOUNCER"):
        pytest.fail("PgBouncer is required and not installed")
    pytest.skip("the tests of PgBouncer did not run: it is not installed")


def documented(language: str, contains: str) -> str:
    """Return the example of docs/scaling.md in that language with this word."""
    for block in DOCUMENTED.read_text().split(f"```{language}\n")[1:]:
        example = block.partition("```")[0]
        if contains in example:
            return example
    raise LookupError(contains)


@contextmanager
def pgbouncer_before(database_url: str, **more: object) -> Iterator[str]:
    """Run PgBouncer before a database, as documented, with ``more`` settings; yield the URL.

    The settings that it does not pass on become the database's.
    """
    path, target, port = pgbouncer_path(), make_url(database_url), free_port()
    _keep_in_database(database_url, target.database or "")
    settings = [documented("ini", "pool_mode")]
    settings += [f"{name} = {value}" for name, value in more.items()]  # the last one wins
    account = unprivileged_account()
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as folder:
        home = Path(folder)
        (home / "pgbouncer.ini").write_text(
            _MAIN.format(
                host=target.host,
                port=target.port or 5432,
                user=target.username,
                own_port=port,
                settings="\n".join(settings),
            )
        )
        home.chmod(0o755)
        with (home / "log").open("ab") as log:
            process = subprocess.Popen(
                [path, "pgbouncer.ini"], cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_parent, **account,
            )  # fmt: skip
        try:
            url = target.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
            _wait_for(process, url, home / "log")
            yield url
        finally:
            process.kill()
            process.wait(TIMEOUT_SECONDS)


def _keep_in_database(database_url: str, database: str) -> None:
    """Apply the documented settings of the role to the database alone: other tests share it."""
    with closing(psycopg2.connect(database_url)) as connection:
        connection.autocommit = True
        for line in documented("sql", "lock_timeout").splitlines():
            setting = line.removeprefix("ALTER ROLE ticketing SET ")
            alter = SQL("ALTER DATABASE {} SET ").format(Identifier(database))
            connection.cursor().execute(alter + SQL(setting))


def _wait_for(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg2.connect(url).close()
            return
        except psycopg2.OperationalError:
            time.sleep(0.02)
    raise RuntimeError(f"PgBouncer does not start:\n{log.read_text()[-2000:]}")
