"""A disk that is full for a while, in the middle of a sale."""

import re
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.integration.faults.client_pool import CONFIRMED, ClientPool
from tests.integration.faults.on_sale import served
from tests.integration.running_server import RunningServer
from ticketing.domain.errors import Busy


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the files of others")
def test_responses_stay_true_when_files_cannot_grow(database_url, server, pool):
    log = Path(database_url.removeprefix("sqlite:///") + "-wal")
    with pool.acting():
        pool.until(CONFIRMED, times=10)
        with no_file_grows_beyond(log.stat().st_size, server):
            pool.until("outcome_unknown", times=10)
        pool.until(CONFIRMED, times=10)
    pool.check()
    assert re.search(r"outcome_unknown: .*\(disk I/O error\)", server.printed)


@contextmanager
def no_file_grows_beyond(size: int, server: RunningServer) -> Iterator[None]:
    workers = server.workers()
    limits = [resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in workers]
    for pid, (_, hard) in zip(workers, limits, strict=True):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        for pid, before in zip(workers, limits, strict=True):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


class Disk:
    """Changes the settings of connections before they are used, from one moment on."""

    def __init__(self) -> None:
        self.setting = "PRAGMA query_only=OFF"

    def __call__(self, connection: Any, *_: object) -> None:
        connection.execute(self.setting)


@pytest.mark.parametrize(
    ("bad", "good", "cause"),
    [
        pytest.param(
            "PRAGMA query_only=ON",
            "PRAGMA query_only=OFF",
            "attempt to write a readonly database",
            id="read-only",
        ),
        pytest.param(
            "PRAGMA max_page_count=1",
            "PRAGMA max_page_count=1000000",
            "database or disk is full",
            id="full",
        ),
    ],
)
def test_responses_stay_true_when_the_disk_is(sale, caplog, bad, good, cause):
    disk = Disk()
    event.listen(sale.database.engine, "checkout", disk)
    with served(sale.app) as port, ClientPool(port, sale) as pool:
        with pool.acting():
            pool.until(CONFIRMED, times=10)
            disk.setting = bad
            pool.until("busy", times=10)
            disk.setting = good
            pool.until(CONFIRMED, times=10)
        pool.check()
    assert f"busy: {Busy.default} ({cause})" in caplog.messages
