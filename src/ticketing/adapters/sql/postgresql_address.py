"""Where a PostgreSQL is, and how it is connected to: its own library reads the URL.

So a URL may name several hosts, of which the one that takes writes is chosen anew for each
connection: that is all that a fail-over needs of us.
"""

from urllib.parse import parse_qsl

from psycopg2.extensions import parse_dsn

SETTINGS = {
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
    # A machine that vanished without a word is noticed within five seconds.
    "keepalives_idle": "2",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",  # milliseconds
}


def parameters(url: str, of_several: str) -> dict[str, str]:
    """What to connect with: what the URL says wins over ours.

    ``of_several`` says which of several hosts is wanted, in libpq's words
    (``target_session_attrs``).
    """
    address, _, query = url.partition("://")[2].partition("?")
    given = parse_dsn(f"postgresql://{address}") | dict(parse_qsl(query))
    if "," in given.get("host", ""):
        given.setdefault("target_session_attrs", of_several)
    options = [f"-c {name}={value}" for name, value in SETTINGS.items()]
    given["options"] = " ".join([*options, given.get("options", "")]).strip()  # the last wins
    return _PARAMETERS | given
