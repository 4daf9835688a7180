"""Connection parameters of PostgreSQL; libpq parses the URL.

So a URL may name several hosts, and each new connection goes to the one that accepts writes: that
is all that a fail-over requires of us.
"""

from psycopg2.extensions import parse_dsn

PRIMARY, REPLICA = "read-write", "prefer-standby"
"""Values of libpq's ``target_session_attrs``: which of several hosts to connect to."""

MAX_SECONDS = 30.0
"""The time limit where no client waits for an answer: commands, with their larger statements."""

_SETTINGS = {
    # Not REPEATABLE READ, whatever the server's default: a sale would see its show as it was
    # before it waited for the seats. SERIALIZABLE is safe too, and may be set in the URL.
    "default_transaction_isolation": r"read\ committed",
    "timezone": "UTC",
    "idle_in_transaction_session_timeout": "10s",
}

_PARAMETERS = {
    "application_name": "ticketing",
    # A vanished machine is noticed within five seconds.
    "keepalives_idle": "2",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",  # milliseconds
}

_PARAMETERS_OF_REPLICA = _PARAMETERS | {
    "connect_timeout": "1",  # two until libpq 16
    "keepalives_idle": "1",
    "keepalives_count": "1",
    "tcp_user_timeout": "1000",
}
_MAX_LOCK_SECONDS = 2.0
_MAX_CONNECT_SECONDS = 3  # for each host
_MAX_REPLICA_SECONDS = 2.0  # then reads fall back to the primary


def statement_seconds(max_seconds: float, of_several: str) -> float:
    """Return the time limit of a statement."""
    seconds = max_seconds / 3
    return min(seconds, _MAX_REPLICA_SECONDS) if of_several == REPLICA else seconds


def frozen_seconds(max_seconds: float, of_several: str) -> float:
    """Return the time limit of an answer; the server should have ended the statement by itself.

    A request may wait twice in turn: behind others, and for its own transaction.
    """
    return 1.2 * statement_seconds(max_seconds, of_several)


def parameters(url: str, of_several: str, max_seconds: float = MAX_SECONDS) -> dict[str, str]:
    """Return the parameters for the PRIMARY or a REPLICA; those in the URL override ours.

    A request waits at most ``max_seconds`` in all.
    """
    given = parse_dsn(f"postgresql://{url.partition('://')[2]}")
    if "," in given.get("host", ""):
        given.setdefault("target_session_attrs", of_several)
    statement = statement_seconds(max_seconds, of_several)
    settings = _SETTINGS | {
        "statement_timeout": _milliseconds(statement),
        "lock_timeout": _milliseconds(min(_MAX_LOCK_SECONDS, statement / 2)),
    }
    options = [f"-c {name}={value}" for name, value in settings.items()]
    given["options"] = " ".join([*options, given.get("options", "")]).strip()  # the last wins
    if of_several == REPLICA:
        return _PARAMETERS_OF_REPLICA | given
    hosts = 1 + given.get("host", "").count(",")
    connect = max(1, min(_MAX_CONNECT_SECONDS, int(0.4 * max_seconds / hosts)))
    return _PARAMETERS | {"connect_timeout": str(connect)} | given


def with_host_first(parameters: dict[str, str], first: tuple[str, int] | None) -> dict[str, str]:
    """Return the parameters with this host and port before others that may be the primary.

    So a frozen former primary delays one connection, and not each.
    """
    is_choice = "," in parameters.get("host", "") and "hostaddr" not in parameters
    if first is None or not is_choice or parameters["target_session_attrs"] != PRIMARY:
        return parameters
    hosts, ports = parameters["host"].split(","), parameters.get("port", "").split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    both = list(zip(hosts, ports, strict=True))
    both.sort(key=lambda each: (each[0], int(each[1] or "5432")) != first)
    return parameters | {
        "host": ",".join(host for host, _ in both),
        "port": ",".join(port for _, port in both),
    }


def _milliseconds(seconds: float) -> str:
    return f"{round(1000 * seconds)}ms"
