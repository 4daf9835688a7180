"""A PostgreSQL that ends sessions and keeps seats locked in the middle of a sale."""

from contextlib import closing

import psycopg2
import pytest

from tests.integration.faults.client_pool import CONFIRMED
from tests.integration.faults.on_sale import SEATS

ENDINGS = 8

_END_SESSIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_LOCK = "SELECT FROM show_seats WHERE show_id = %s AND number <= %s ORDER BY number FOR UPDATE"


@pytest.fixture
def database_url(postgresql: str) -> str:
    return postgresql


@pytest.fixture
def session(database_url):
    with closing(psycopg2.connect(database_url)) as connection:
        yield connection


def test_responses_stay_true_when_sessions_are_ended(session, pool):
    session.autocommit = True
    with pool.acting(), session.cursor() as cursor:
        for _ in range(ENDINGS):
            pool.until(CONFIRMED, times=5)
            cursor.execute(_END_SESSIONS)
        pool.until(CONFIRMED, times=15)
    pool.check()


def test_responses_stay_true_when_seats_are_locked_for_too_long(session, sale, pool):
    with pool.acting():
        pool.until(CONFIRMED, times=15)
        with session.cursor() as cursor:
            cursor.execute(_LOCK, [sale.show.id, SEATS // 2])
        pool.until("busy", times=len(sale.customers) // 2)
        session.rollback()
        pool.until(CONFIRMED, times=15)
    pool.check()
