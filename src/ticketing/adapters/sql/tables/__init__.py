"""The schema. Every constraint has a name, so that migrations can speak of it.

What a sale writes (``show_seats``, ``bookings``, ``idempotency_keys``) has ``show_id`` first in
its primary key, and no unique constraint leaves it out: so the tables can be spread over several
machines by show.
"""

from ticketing.adapters.sql.tables.accounts import account_names, accounts, sessions
from ticketing.adapters.sql.tables.columns import metadata
from ticketing.adapters.sql.tables.programme import movies, screens
from ticketing.adapters.sql.tables.sales import bookings, idempotency_keys, show_seats, shows

__all__ = [
    "account_names",
    "accounts",
    "bookings",
    "idempotency_keys",
    "metadata",
    "movies",
    "screens",
    "sessions",
    "show_seats",
    "shows",
]
