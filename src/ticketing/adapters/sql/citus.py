"""Distribute an empty store over the machines of a Citus cluster.

The rows that a sale writes are on the machine of their show, sessions on that of their account.
Movies, seat plans and screens, to which every show refers, are copied to every machine.
"""

from sqlalchemy import Connection, Engine, Table, Text, exists, func, select, text
from sqlalchemy.schema import AddConstraint, DropConstraint

from ticketing.adapters.sql.engine.database import CHANGES_SCHEMA, connect
from ticketing.adapters.sql.tables import metadata

COPIED = ["movies", "seat_plans", "screens"]
SPREAD = {
    "shows": ("id", "none"),
    "bookings": ("show_id", "shows"),
    "holds": ("show_id", "shows"),
    "waiting_list_entries": ("show_id", "shows"),
    "show_seats": ("show_id", "shows"),
    "show_customers": ("show_id", "shows"),
    "idempotency_keys": ("show_id", "shows"),
    "show_messages": ("show_id", "shows"),
    "accounts": ("id", "none"),
    "sessions": ("account_id", "accounts"),
    "account_names": ("name_key", "none"),
    "failed_log_ins": ("key", "none"),
    "account_messages": ("name_hash", "none"),
    "audit_entries": ("id", "none"),
}
"""The column that decides on which machine a row is, and an earlier table whose rows with the same
value are there, too."""

REVISION = "alembic_version"
"""Copied too, so that servers find the schema's revision on every machine."""

HAS_CITUS = text("SELECT to_regclass('pg_dist_partition') IS NOT NULL")
_HAS_LOCAL_GROUP = text("SELECT to_regclass('pg_dist_local_group') IS NOT NULL")
_IS_WORKER = text("SELECT EXISTS (SELECT FROM pg_dist_local_group WHERE groupid <> 0)")
_HAS_NODES = text("SELECT EXISTS (SELECT FROM pg_dist_node WHERE isactive AND shouldhaveshards)")
_PLACED = text("SELECT logicalrelid::text FROM pg_dist_partition")
# Nodes process their shards one by one. Else Citus refuses to change a copied table in a
# transaction that queried all shards, such as the deletion of a movie with its shows.
_SEQUENTIAL = "citus.multi_shard_modify_mode TO 'sequential'"
_COPY = text("SELECT create_reference_table(:name)")
_SPREAD = text("SELECT create_distributed_table(:name, :column, colocate_with => :beside)")


class CannotDistribute(Exception):
    """The reason, for the operator."""


def is_worker(connection: Connection) -> bool:
    """Return whether this is a node of a Citus cluster other than its coordinator.

    A database that was not added to the cluster yet cannot be told from one of its own.
    """
    if connection.dialect.name != "postgresql" or not connection.scalar(_HAS_LOCAL_GROUP):
        return False
    return bool(connection.scalar(_IS_WORKER))


def require_postgresql(engine: Engine) -> None:
    """Raise CannotDistribute for SQLite."""
    if engine.dialect.name != "postgresql":
        raise CannotDistribute(
            "SQLite lives on one machine: only a PostgreSQL with Citus can be distributed."
        )


def distribute(engine: Engine) -> bool:
    """Distribute the tables of a migrated PostgreSQL, all or none; False if they are already.

    Raises CannotDistribute without Citus or its nodes, and where a table has rows.
    """
    alone = connect(engine).execution_options(**{CHANGES_SCHEMA: True})
    with alone as connection, connection.begin():
        _require_citus(connection)
        placed = set(connection.scalars(_PLACED))
        tables = [table for table in metadata.sorted_tables if table.name not in placed]
        _require_empty(connection, tables)
        if tables:
            _change_settings(connection)
            _place(connection, tables)
        if REVISION not in placed:
            connection.execute(_COPY, {"name": REVISION})
    return bool(tables)


def _require_citus(connection: Connection) -> None:
    if not connection.scalar(HAS_CITUS):
        raise CannotDistribute("This PostgreSQL has no Citus: CREATE EXTENSION citus makes it one.")
    if is_worker(connection):
        raise CannotDistribute("This is a worker node of Citus: use the URL of the coordinator.")
    if not connection.scalar(_HAS_NODES):
        raise CannotDistribute("This Citus has no nodes for the data: citus_add_node adds them.")


def _require_empty(connection: Connection, tables: list[Table]) -> None:
    used = [t.name for t in tables if connection.scalar(select(exists().select_from(t)))]
    if used:
        raise CannotDistribute(
            f"Only an empty store can be distributed. With rows: {', '.join(used)}."
        )


def _change_settings(connection: Connection) -> None:
    """Change the setting now, and as the database's default for later connections."""
    name = connection.execute(select(func.current_database(type_=Text))).scalar_one()
    database = connection.dialect.identifier_preparer.quote(name)
    connection.exec_driver_sql(f"SET LOCAL {_SEQUENTIAL}")
    connection.exec_driver_sql(f"ALTER DATABASE {database} SET {_SEQUENTIAL}")


def _place(connection: Connection, tables: list[Table]) -> None:
    """Place the tables without foreign keys, which Citus accepts only between placed tables."""
    names = [table.name for table in tables]
    foreign_keys = [
        key
        for table in tables
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name))
    ]
    for key in foreign_keys:
        connection.execute(DropConstraint(key))
    for name in COPIED:
        if name in names:
            connection.execute(_COPY, {"name": name})
    for name, (column, beside) in SPREAD.items():
        if name in names:
            connection.execute(_SPREAD, {"name": name, "column": column, "beside": beside})
    for key in foreign_keys:
        connection.execute(AddConstraint(key, isolate_from_table=False))
