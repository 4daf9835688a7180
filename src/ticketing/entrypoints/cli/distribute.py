"""ticketing distribute"""

import click

from ticketing.adapters.sql import citus
from ticketing.entrypoints.cli.installation import (
    CannotRun,
    connect,
    database_errors,
    pass_settings,
    require_current_schema,
)
from ticketing.settings import Settings


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
    click.echo(
        "The database is now distributed." if is_new else "The database is already distributed."
    )
