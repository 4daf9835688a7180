"""Bringing the schema up to date, and telling whether it is. Alembic does it.

Alembic is imported only where it has work to do: a server that starts merely compares revisions.
"""

import io
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sqlalchemy import Engine, Text, column, inspect, select, table

from ticketing.adapters.sql.engine.database import connect
from ticketing.adapters.sql.engine.retry import Retry

if TYPE_CHECKING:
    from alembic.config import Config

MAX_MIGRATION_SECONDS = 60.0  # seconds to wait for one that another process makes
MIGRATIONS = Path(__file__).with_name("migrations")
HEAD = max(file.name for file in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]
"""The newest revision that this version of the software knows: their files are numbered."""

_VERSION = select(column("version_num", Text)).select_from(table("alembic_version"))


def revision(engine: Engine) -> str | None:
    """The revision that the database is at; None where it was never migrated."""
    with connect(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalars(_VERSION).first()


def is_current(engine: Engine) -> bool:
    """Whether the database is at the revision that this version of the software needs.

    One that is newer will do: a migration takes nothing away that the release before it uses,
    so that its servers go on while they are replaced.
    """
    return (revision(engine) or "") >= HEAD


def migrate(engine: Engine, wait: float = 2) -> None:
    """Bring the schema up to date; one that is, or that is newer, stays as it is.

    Several processes may do so at once: one does it, the others wait and find it done.
    Raises Busy where the database cannot be reached for ``wait`` seconds.
    """
    if (Retry(wait)(lambda: revision(engine)) or "") >= HEAD:
        return
    from alembic import command

    Retry(MAX_MIGRATION_SECONDS)(lambda: command.upgrade(_config(engine), "head"))


def downgrade(engine: Engine, to_revision: str) -> None:
    """Take the schema back to a revision; "base" is none at all."""
    from alembic import command

    command.downgrade(_config(engine), to_revision)


def migration_sql(engine: Engine) -> str:
    """The SQL that makes the whole schema, for those who apply it by hand."""
    from alembic import command

    output = io.StringIO()
    command.upgrade(_config(engine, output), "head", sql=True)
    return output.getvalue()


def difference(engine: Engine) -> str | None:
    """In what the database differs from the tables that the code expects, if in anything."""
    from alembic import command
    from alembic.util.exc import CommandError

    try:
        command.check(_config(engine, io.StringIO()))
    except CommandError as error:
        return str(error)
    return None


def _config(engine: Engine, output: TextIO | None = None) -> "Config":
    from alembic.config import Config

    config = Config(output_buffer=output, stdout=output or io.StringIO())
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config
