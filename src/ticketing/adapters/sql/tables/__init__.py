"""The schema. Every constraint has a name, which migrations use.

The tables that a sale writes (``show_seats``, ``bookings``, ``show_customers``,
``idempotency_keys``) have ``show_id`` first in their primary key and in every unique constraint,
so that they can be distributed by show over several machines.
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
