"""A box office that is reset before each request."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from wsgiref.types import WSGIApplication

import pytest

from tests.builders import register
from tests.integration.api.cinema import Cinema
from tests.integration.api.conftest import SECRET_KEY, Time, copy_database
from ticketing.bootstrap import create_app
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.sales import holding
from ticketing.domain.sales.booking import BookingId
from ticketing.domain.sales.hold import HoldId
from ticketing.domain.sales.waiting_list import waiting_list_service
from ticketing.settings import Settings

Headers = dict[str, str]

DOCUMENTED_HOLD = HoldId("1-7ZK3M9QX2T4B8D6F")


@dataclass(frozen=True)
class Ground:
    """What is fuzzed, and the headers of each role."""

    serve: WSGIApplication
    credentials: dict[str, Headers]


@pytest.fixture(scope="module")
def ground(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    file = tmp_path_factory.mktemp("fuzz") / "ticketing.db"
    time = Time()
    with closing(sqlite3.connect(sqlite_template)) as template:
        copy_database(template, file)
    with closing(sqlite3.connect(file)) as store:  # plan 1, as the documents have it
        store.execute("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'seat_plans'")
        store.commit()
    app = create_app(settings(file), time, time.monotonic)
    credentials = set_up(Cinema(app, time))
    with (
        closing(sqlite3.connect(":memory:", check_same_thread=False)) as kept,
        closing(sqlite3.connect(file, check_same_thread=False)) as store,
    ):
        store.execute("PRAGMA synchronous=OFF")
        store.backup(kept)
        version = store.execute("PRAGMA data_version").fetchone  # others' commits change it
        restored = [version()]

        def serve(environ: Any, start_response: Any) -> Any:
            if version() != restored[0]:
                kept.backup(store)
                restored[0] = version()
            time.monotonic_seconds += 10  # expires all caches
            return app(environ, start_response)

        yield Ground(serve, credentials)
    app.extensions["ticketing.database"].engine.dispose()


def settings(file: Path) -> Settings:
    given = {
        "DATABASE_URL": f"sqlite:///{file}",
        "SECRET_KEY": SECRET_KEY,
        "RATELIMIT": "off",
        "ACCESS_TOKEN_MINUTES": "1440",
    }
    return Settings.from_env({f"TICKETING_{name}": value for name, value in given.items()})


def set_up(cinema: Cinema) -> dict[str, Headers]:
    """Add something for every id, and bookings of several users."""
    ids = {role: register(cinema.office.transactions, f"the-{role}", role=role) for role in Role}
    stranger = register(cinema.office.transactions, "stranger", email="stranger@example.com")
    on_sale, sold_out, *_ = [
        cinema.show(),
        cinema.show(hours=30, seats=2),
        cinema.show(hours=-2, seats=5),
        cinema.show(hours=54, cancelled_at=datetime.now(UTC) - timedelta(days=2)),
    ]
    sell = cinema.office.bookings.book
    for customer in (*ids.values(), stranger):
        sell(on_sale.id, [f"A{customer}"], customer)
        sell(on_sale.id, [f"B{customer}", f"C{customer}"], customer)
    sell(sold_out.id, [1, 2], stranger)
    actor = Actor(ids[Role.CUSTOMER], Role.CUSTOMER)
    cinema.office.bookings.cancel(on_sale.id, BookingId(1), actor)
    with patch.object(holding, "new_hold_id", lambda show_id: DOCUMENTED_HOLD):
        cinema.office.holds.hold(on_sale.id, ["D1", "D2"], actor)
    with patch.object(waiting_list_service, "new_entry_id", lambda show_id: DOCUMENTED_HOLD):
        cinema.office.waiting_list.join(sold_out.id, 2, True, actor)
    cinema.movie("Solaris")  # has no shows
    cinema.office.accounts.sign_up("alice", "a long pass phrase")  # as the documents have it
    return {"guest": {}} | {
        role: {"Authorization": f"Bearer {cinema.tokens(ids[role])['access']}"}
        for role in (Role.CUSTOMER, Role.STAFF)
    }
