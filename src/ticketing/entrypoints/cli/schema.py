"""The commands ``migrate`` and ``distribute``."""

import click

from ticketing.adapters.sql import citus, schema
from ticketing.entrypoints.cli.installation import (
    CannotRun,
    connect,
    database_errors,
    pass_settings,
    require_current_schema,
)
from ticketing.settings import Settings


@click.command()
@click.option("--sql", is_flag=True, help="Only print the SQL that creates all tables.")
@click.option("--check", is_flag=True, help="Only check that the schema is what the code expects.")
@click.option(
    "--wait",
    type=click.IntRange(0, 3600),
    default=2,
    metavar="SECONDS",
    help="How long to wait for a database that does not respond yet.",
)
@pass_settings
def migrate(settings: Settings, sql: bool, check: bool, wait: int) -> None:
    """Create the database schema, or bring it up to date."""
    if sql and check:
        raise click.UsageError("--sql and --check cannot be combined.")
    if sql:
        click.echo(schema.migration_sql(connect(settings).engine))
        return
    if check:
        _check_schema(settings)
    else:
        migrate_schema(settings, wait)
    click.echo("The database schema is up to date.")


def migrate_schema(settings: Settings, wait: float = 2) -> None:
    """Bring the schema up to date. Wait up to ``wait`` seconds for the database.

    Raises CannotRun.
    """
    database = connect(settings)
    try:
        with database_errors():
            schema.migrate(database.engine, wait)
    except schema.CannotMigrate as refusal:
        raise CannotRun(str(refusal)) from refusal
    require_current_schema(database)


def _check_schema(settings: Settings) -> None:
    """Raise CannotRun if the schema differs from the one that the code expects.

    What a newer one should be, only its own release knows.
    """
    database = connect(settings)
    if require_current_schema(database) > schema.HEAD:
        return
    with database_errors():
        if difference := schema.difference(database.engine):
            raise CannotRun(difference)


@click.command()
@pass_settings
def distribute(settings: Settings) -> None:
    """Distribute the tables over the nodes of a Citus cluster.

    The PostgreSQL database must be migrated and empty. Either all tables are distributed or none.
    Only the largest installations need it: see docs/scaling.md.
    """
    database = connect(settings)
    try:
        with database_errors():
            citus.require_postgresql(database.engine)
            require_current_schema(database)
            is_new = citus.distribute(database.engine)
    except citus.CannotDistribute as refusal:
        raise CannotRun(str(refusal)) from refusal
    click.echo(f"The database is {'now' if is_new else 'already'} distributed.")
