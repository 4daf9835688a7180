"""What the integration tests share: for each test, a database with nothing but the schema.

``database_url`` is one database after the other. A module for only one of them has a fixture of its
own.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.builders import SALES_GRACE, Clock
from tests.integration.databases import (
    empty,
    migrate,
    new_database,
    opened,
)
from tests.integration.postgresql_server import Server, server_for_tests
from tests.integration.running_server import COMMAND, environment
from ticketing.adapters import passwords
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.open import sql_queries
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.box_office import Queries

TIMEOUT_SECONDS = 20.0  # seconds that many concurrent buyers may wait for a seat on a busy machine


@pytest.fixture(scope="module", autouse=True)
def cheap_password_hashes() -> Iterator[None]:
    """Hash in a tenth of a millisecond instead of 20: hundreds of tests log in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "MEMORY_KIB", 8)
        patch.setattr(passwords, "ROUNDS", 1)
        yield


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo's store, to be copied; the processes of a test run share it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    made = shared / "made-demo"
    with FileLock(shared / "made-demo.lock"):
        if not made.exists():
            making = tmp_path_factory.mktemp("making-demo")
            subprocess.run(
                [*COMMAND, "demo"], env=environment(making), check=True, capture_output=True
            )
            making.rename(made)
    return made


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    with server_for_tests() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: Server) -> Iterator[str]:
    with new_database(postgresql_server) as url:
        migrate(url)
        yield url


@pytest.fixture
def postgresql(postgresql_database: str) -> Iterator[str]:
    """PostgreSQL as it is set up by default."""
    yield postgresql_database
    empty(postgresql_database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'ticketing.db')}"


@pytest.fixture(params=["sqlite_url", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with opened(database_url) as database:
        yield database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def transactions(database: Database, clock: Clock) -> SqlTransactions:
    return SqlTransactions(database, clock, Retry(TIMEOUT_SECONDS))


@pytest.fixture
def short_retry(database: Database, clock: Clock) -> SqlTransactions:
    return SqlTransactions(database, clock, Retry(0.1))


@pytest.fixture
def queries(database: Database, clock: Clock) -> Queries:
    return sql_queries(database, SALES_GRACE, clock)
