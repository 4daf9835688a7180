"""ticketing doctor"""

from collections.abc import Iterator, Mapping

import click

from ticketing.adapters.secret_file import default_secret_path
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.open import open_replica
from ticketing.entrypoints.cli.doctor.files import check_files
from ticketing.entrypoints.cli.doctor.findings import Finding, Severity
from ticketing.entrypoints.cli.doctor.servers import check_database, check_redis, check_replica
from ticketing.entrypoints.cli.doctor.settings import check_configuration, check_secrets
from ticketing.entrypoints.cli.installation import connect, pass_settings
from ticketing.settings import Settings, environment

_COLOURS = {Severity.OK: "green", Severity.WARNING: "yellow", Severity.FAULT: "red"}


@click.command()
@click.option(
    "--servers",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help="Number of servers that share the database, including this one.",
)
@pass_settings
def doctor(settings: Settings, servers: int) -> None:
    """Check the installation and suggest fixes.

    Checks the settings, secrets, files, Redis, database, clocks and connections, and changes
    nothing. The exit status is 1 if there is a fault.
    """
    database, replica = connect(settings), None
    if settings.read_database_url:
        replica = open_replica(settings.read_database_url, pool_size=settings.pool_size)
        click.get_current_context().call_on_close(replica.engine.dispose)
    severities = set()
    for finding in check_all(settings, environment(), database, replica, servers):
        severity = click.style(f"{finding.severity:<8}", fg=_COLOURS[finding.severity])
        text = f"{finding.area:<14} {finding.message} {finding.remedy}".rstrip()
        click.echo(f"{severity} {text}")
        severities.add(finding.severity)
    if Severity.FAULT in severities:
        click.get_current_context().exit(1)


def check_all(
    settings: Settings,
    environment: Mapping[str, str],
    database: Database,
    replica: Database | None,
    servers: int,
) -> Iterator[Finding]:
    """Check everything. ``servers`` share the database, each with as many workers as this one.

    No finding contains a secret.
    """
    yield from check_configuration(settings)
    yield from check_secrets(settings)
    yield from check_files(settings, environment, database.file, default_secret_path(database.file))
    yield from check_redis(settings)
    yield from check_database(settings, database, servers)
    if replica:
        yield from check_replica(replica)
