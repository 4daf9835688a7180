"""Connection parameters of PostgreSQL; libpq parses the URL.

So a URL may name several hosts, and each new connection goes to the one that accepts writes: that
is all that a fail-over requires of us.
"""

from psycopg2.extensions import parse_dsn

PRIMARY, REPLICA = "read-write", "prefer-standby"
"""Values of libpq's ``target_session_attrs``: which of several hosts to connect to."""

_SETTINGS = {
    # Not REPEATABLE READ, whatever the server's default: a sale would see its show as it was
    # before it waited for the seats. SERIALIZABLE is safe too, and may be set in the URL.
    "default_transaction_isolation": r"read\ committed",
    "timezone": "UTC",
    "lock_timeout": "2s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "10s",
}

_PARAMETERS = {
    "application_name": "ticketing",
    "connect_timeout": "3",  # seconds for each host
    # A vanished machine is noticed within five seconds.
    "keepalives_idle": "2",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",  # milliseconds
}

# Reads fall back to the primary, so a replica may delay them by two seconds at most.
_SETTINGS_OF_REPLICA = _SETTINGS | {"statement_timeout": "2s"}
_PARAMETERS_OF_REPLICA = _PARAMETERS | {
    "connect_timeout": "1",  # two until libpq 16
    "keepalives_idle": "1",
    "keepalives_count": "1",
    "tcp_user_timeout": "1000",
}


def parameters(url: str, of_several: str) -> dict[str, str]:
    """Return the parameters for the PRIMARY or a REPLICA; those in the URL override ours."""
    is_replica = of_several == REPLICA
    given = parse_dsn(f"postgresql://{url.partition('://')[2]}")
    if "," in given.get("host", ""):
        given.setdefault("target_session_attrs", of_several)
    settings = _SETTINGS_OF_REPLICA if is_replica else _SETTINGS
    options = [f"-c {name}={value}" for name, value in settings.items()]
    given["options"] = " ".join([*options, given.get("options", "")]).strip()  # the last wins
    return (_PARAMETERS_OF_REPLICA if is_replica else _PARAMETERS) | given
