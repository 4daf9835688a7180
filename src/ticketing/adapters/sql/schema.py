"""Check and migrate the schema, with Alembic.

Alembic is imported only to migrate: a server that starts merely compares revisions.
"""

import io
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sqlalchemy import Engine, Text, column, inspect, select, table

from ticketing.adapters.sql.citus import is_worker
from ticketing.adapters.sql.engine.database import connect
from ticketing.adapters.sql.engine.retry import Retry

if TYPE_CHECKING:
    from alembic.config import Config

MAX_MIGRATION_SECONDS = 60.0  # for a migration by another process
MIGRATIONS = Path(__file__).with_name("migrations")
REVISIONS = sorted(
    file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")
)
HEAD = REVISIONS[-1]
"""The newest revision that this version of the software knows: the files are numbered."""

_VERSION = select(column("version_num", Text)).select_from(table("alembic_version"))


class CannotMigrate(Exception):
    """The reason, for the operator."""


def revision(engine: Engine) -> str | None:
    """Return the revision of the database; None if it was never migrated."""
    with connect(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalars(_VERSION).first()


def is_current(engine: Engine) -> bool:
    """Return whether the database has the revision that this version needs, or a newer one.

    A migration never removes what the previous release uses, so that its servers keep working
    while they are replaced.
    """
    return (revision(engine) or "") >= HEAD


def migrate(engine: Engine, wait: float = 2) -> None:
    """Upgrade the schema; a current or newer one is not changed.

    Each migration is a transaction of its own, so that no table stays locked during the next one.
    Of several processes at once, one migrates while the others wait; they skip what it has done.
    Migrations print what the operator has to know. Raises Busy if the database cannot be reached
    for ``wait`` seconds, and CannotMigrate on a worker node of Citus, where new tables would be on
    that node only.
    """
    current = Retry(wait)(lambda: revision(engine)) or ""
    if current >= HEAD:
        return
    with connect(engine) as connection:
        if is_worker(connection):
            raise CannotMigrate(
                "This is a worker node of Citus: migrate with the URL of the coordinator."
            )
    from alembic import command

    config = alembic_config(engine, sys.stdout)
    for target in REVISIONS:
        if target > current:
            Retry(MAX_MIGRATION_SECONDS)(partial(command.upgrade, config, target))


def migration_sql(engine: Engine) -> str:
    """Return the SQL that creates the whole schema, to apply it by hand."""
    from alembic import command

    output = io.StringIO()
    command.upgrade(alembic_config(engine, output), "head", sql=True)
    return output.getvalue()


def difference(engine: Engine) -> str | None:
    """Return how the database differs from the tables in the code; None if it does not."""
    from alembic import command
    from alembic.util.exc import CommandError

    try:
        command.check(alembic_config(engine, io.StringIO()))
    except CommandError as error:
        return str(error)
    return None


def alembic_config(engine: Engine, output: TextIO | None = None) -> "Config":
    """Return what Alembic's commands need. They print to ``output``."""
    from alembic.config import Config

    config = Config(output_buffer=output, stdout=output or io.StringIO())
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config
