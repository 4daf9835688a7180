"""Bringing the schema up to date, and telling whether it is. Alembic does it."""

import io
from functools import cache
from pathlib import Path
from typing import TextIO

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Text, column, inspect, select, table

_VERSION = select(column("version_num", Text)).select_from(table("alembic_version"))
MIGRATIONS = Path(__file__).with_name("migrations")


def _config(engine: Engine, output: TextIO | None = None) -> Config:
    config = Config(output_buffer=output)
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


@cache
def head() -> str:
    """The newest revision that this version of the software knows."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def migrate(engine: Engine) -> None:
    """Bring the schema up to date; an up-to-date one stays as it is."""
    command.upgrade(_config(engine), "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to ``revision``."""
    command.downgrade(_config(engine), revision)


def migration_sql(engine: Engine) -> str:
    """The SQL that makes the whole schema, for those who apply it by hand."""
    output = io.StringIO()
    command.upgrade(_config(engine, output), "head", sql=True)
    return output.getvalue()


def check(engine: Engine) -> None:
    """Raises alembic's CommandError where migrations and tables have drifted apart."""
    command.check(_config(engine))


def revision(engine: Engine) -> str | None:
    """The revision that the database is at; None where it was never migrated."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalars(_VERSION).first()


def is_current(engine: Engine) -> bool:
    """Whether the database is at the revision that this version of the software needs."""
    return revision(engine) == head()
