"""How Alembic runs our migrations: on the engine that ``schema.py`` hands over."""

from alembic import context
from sqlalchemy import Engine

from ticketing.adapters.sql.engine.database import CHANGES_SCHEMA, connect
from ticketing.adapters.sql.tables import metadata

engine: Engine = context.config.attributes["engine"]


def run_offline() -> None:
    """Print SQL rather than run it."""
    context.configure(
        url=engine.url, target_metadata=metadata, literal_binds=True, render_as_batch=True
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run migrations in one transaction, while no other process migrates."""
    connecting = connect(engine).execution_options(**{CHANGES_SCHEMA: True})
    with connecting as connection, connection.begin():
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=True,  # SQLite alters tables by copying them
        )
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
