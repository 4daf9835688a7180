"""The parameters of each connection, and what the URL can override."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from tests.builders import a_screen, a_show, put_on
from tests.integration.databases import opened
from ticketing.adapters.sql.unit_of_work import SqlTransactions

START = datetime(2030, 1, 31, 19, 30, tzinfo=UTC)


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """At one level: these tests set their own."""
    return postgresql


def shown(url, setting):
    with opened(url) as database, database.engine.connect() as connection:
        return connection.scalar(text(f"SHOW {setting}"))


@pytest.fixture
def a_database_for_repeatable_read(postgresql_url):
    def default(level):
        with opened(postgresql_url) as database, database.engine.begin() as connection:
            name = connection.scalar(text("SELECT current_database()"))
            setting = "default_transaction_isolation"
            connection.execute(text(f"ALTER DATABASE \"{name}\" SET {setting} = '{level}'"))

    default("repeatable read")
    yield postgresql_url
    default("read committed")


def test_sales_never_run_under_repeatable_read(a_database_for_repeatable_read):
    """A sale would see its show as it was before the wait, perhaps not cancelled yet."""
    level = shown(a_database_for_repeatable_read, "transaction_isolation")

    assert level == "read committed"


def test_the_url_may_set_serializable(postgresql_url):
    strict = f"{postgresql_url}?options=-c%20default_transaction_isolation%3Dserializable"

    assert shown(strict, "transaction_isolation") == "serializable"


def test_times_are_right_in_any_time_zone_of_the_connection(postgresql_url):
    with opened(f"{postgresql_url}?options=-c%20timezone%3DAsia/Tokyo") as database:
        transactions = SqlTransactions(database)
        show = put_on(transactions, a_show(screen=a_screen(), starts_at=START))

        found = transactions(lambda uow: uow.shows.get(show.id)).starts_at

    assert (found, found.tzinfo) == (START, UTC)
