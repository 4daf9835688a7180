"""The doctor: examines an installation, and says what is to be done. It changes nothing.

What it says never holds a secret.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ticketing.adapters.sql.engine.database import Database
from ticketing.doctor.configuration import check_configuration
from ticketing.doctor.files import check_files
from ticketing.doctor.keys import check_keys
from ticketing.doctor.limits import check_limits
from ticketing.doctor.store import check_replica, check_store
from ticketing.entrypoints.cli.findings import Finding
from ticketing.settings import Settings


def examine(
    settings: Settings,
    environment: Mapping[str, str],
    database: Database,
    replica: Database | None,
    kept_secret: Path,
    servers: int,
) -> Iterator[Finding]:
    """``servers`` share the database, each with as many workers as this one."""
    yield from check_configuration(settings)
    yield from check_keys(settings)
    yield from check_files(settings, environment, database.file, kept_secret)
    yield from check_limits(settings)
    yield from check_store(settings, database, servers)
    if replica is not None:
        yield from check_replica(replica)
