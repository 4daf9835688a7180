"""PostgreSQL in the place of Citus: what has shards there, has partitions here.

PostgreSQL's planner leaves partitions out for the reasons for which Citus leaves shards out, so a
plan tells which shards a statement would reach. It cannot tell how Citus would get there.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg2.extensions import cursor
from sqlalchemy import MetaData, create_engine, event

from tests.integration.databases import new_database
from tests.integration.postgresql_server import Server
from ticketing.adapters.sql.citus import COPIED, SPREAD
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.tables import metadata

SHARDS = 8

_PARTITION = re.compile(rf"({'|'.join(SPREAD)})_shard_(\d+)")
_EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "EXECUTE")


@contextmanager
def sharded_database(server: Server) -> Iterator[str]:
    """The address of a new database whose tables are spread as on Citus."""
    with new_database(server) as url:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://", 1))
        tables = _partitioned()
        with engine.begin() as connection:
            tables.create_all(connection)
            for name in SPREAD:
                for shard in range(SHARDS):
                    connection.exec_driver_sql(
                        f"CREATE TABLE {name}_shard_{shard} PARTITION OF {name}"
                        f" FOR VALUES WITH (MODULUS {SHARDS}, REMAINDER {shard})"
                    )
            connection.exec_driver_sql("CREATE TABLE pg_dist_partition ()")
        engine.dispose()
        yield url


def _partitioned() -> MetaData:
    tables = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        options = table.to_metadata(tables).dialect_options["postgresql"]
        if table.name in SPREAD:
            options["partition_by"] = f"HASH ({SPREAD[table.name][0]})"
            options["with"] = {}
    return tables


@dataclass(frozen=True, slots=True)
class Statement:
    """``shards`` are those it reaches, by table; ``written`` is the table that it changes."""

    text: str
    shards: Mapping[str, frozenset[int]]
    written: str | None

    @property
    def reaches_several(self) -> bool:
        return any(len(shards) > 1 for shards in self.shards.values())

    @property
    def groups(self) -> set[str]:
        """The tables whose key decides on the nodes: shows, accounts …; none for copied tables."""
        places = {name: beside for name, (_, beside) in SPREAD.items()}
        used = {*self.shards, self.written} & places.keys()
        return {name if places[name] == "none" else places[name] for name in map(str, used)}

    @property
    def about(self) -> str:
        """The verb and the tables that are spread."""
        return " ".join((self.text.split(maxsplit=1)[0].lower(), *sorted(self.shards)))


def is_atomic(transaction: Sequence[Statement]) -> bool:
    """Return whether Citus commits the transaction on all of its nodes or on none.

    It commits in two phases if a statement changes several shards or a copied table, or goes to a
    node that is new to the transaction. A read makes a node known: a change of another row on it
    is then not noticed. (``Activate2PCIfModifyingTransactionExpandsToNewNode`` in its executor.)
    """
    writes = [each for each in transaction if each.written]
    if not writes or any(each.reaches_several or each.written in COPIED for each in writes):
        return True
    first = writes[0].groups
    is_noticed = [
        all(
            not read.reaches_several and read.groups <= first | statement.groups
            for read in transaction[:position]
            if not read.written
        )
        for position, statement in enumerate(transaction)
        if statement.written and statement.groups != first
    ]
    return not is_noticed or any(is_noticed)


@dataclass
class Recorder:
    """What a store sends, by transaction; a statement outside of one is a list of its own."""

    transactions: list[list[Statement]] = field(default_factory=list)
    _current: list[Statement] | None = None

    def sent(self, statement: Statement) -> None:
        if self._current is None:
            self.transactions.append([statement])
        else:
            self._current.append(statement)

    def begun(self) -> None:
        self._current = []
        self.transactions.append(self._current)

    def ended(self) -> None:
        self._current = None

    @property
    def statements(self) -> list[Statement]:
        return [statement for each in self.transactions for statement in each]


def record(database: Database) -> Recorder:
    """Record what the database is sent from now on. One thread at a time."""
    recorder = Recorder()

    class Recorded(cursor):
        def execute(self, query: Any, vars: Any = None) -> None:
            for part in self.mogrify(query, vars).decode().split(";"):
                self._record(part.strip())
            super().execute(query, vars)

        def _record(self, part: str) -> None:
            if part == "BEGIN":
                recorder.begun()
            elif part in ("COMMIT", "ROLLBACK"):
                recorder.ended()
            elif part.startswith(_EXPLAINED):
                super().execute(f"EXPLAIN (FORMAT JSON, COSTS OFF) {part}")
                [[[plan]]] = self.fetchall()
                recorder.sent(_statement(part, plan["Plan"]))

    @event.listens_for(database.engine, "checkout")
    def hand_out(connection: Any, *_: Any) -> None:
        connection.cursor_factory = Recorded

    return recorder


def _statement(text: str, plan: dict[str, Any]) -> Statement:
    shards: defaultdict[str, set[int]] = defaultdict(set)
    written = None
    for node in _nodes(plan):
        name = node.get("Relation Name", "")
        if node["Node Type"] == "ModifyTable":
            written = name
        if partition := _PARTITION.fullmatch(name):
            shards[partition[1]].add(int(partition[2]))
    return Statement(text, {name: frozenset(its) for name, its in shards.items()}, written)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
