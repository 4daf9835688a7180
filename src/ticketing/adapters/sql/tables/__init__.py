"""The schema. Every constraint has a name, so that migrations can speak of it.

What a sale writes (``show_seats``, ``bookings``, ``show_customers``, ``idempotency_keys``) has
``show_id`` first in its primary key, and no unique constraint leaves it out: so the tables can be
spread over several machines by show.
"""

from ticketing.adapters.sql.tables.accounts import account_names, accounts, failed_log_ins, sessions
from ticketing.adapters.sql.tables.audit import audit_entries
from ticketing.adapters.sql.tables.columns import metadata
from ticketing.adapters.sql.tables.programme import movies, screens
from ticketing.adapters.sql.tables.sales import (
    bookings,
    idempotency_keys,
    seat_is_free,
    show_customers,
    show_seats,
    shows,
)

__all__ = [
    "account_names",
    "accounts",
    "audit_entries",
    "bookings",
    "failed_log_ins",
    "idempotency_keys",
    "metadata",
    "movies",
    "screens",
    "seat_is_free",
    "sessions",
    "show_customers",
    "show_seats",
    "shows",
]
