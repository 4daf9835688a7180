"""Seat plans as rows, instead of two numbers of each screen and show.

``total_seats`` and ``seats_per_row`` stay: servers of the previous release read and write them, and
leave ``plan_id`` NULL. A later release removes them. ``bookings.plan_id`` is NULL while the show of
the booking has the plan that it was sold in, as all have until now. No foreign keys: plans are
never deleted.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HAS_CITUS = sa.text("SELECT to_regclass('pg_dist_partition') IS NOT NULL")
IS_SPREAD = sa.text("SELECT EXISTS (SELECT FROM pg_dist_partition)")


def upgrade() -> None:
    plans = op.create_table(
        "seat_plans",
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_plans")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_seat_plans_content_hash")),
        sqlite_autoincrement=True,
    )
    ids = {} if context.is_offline_mode() else _add_plans(op.get_bind(), plans)
    op.add_column("screens", sa.Column("plan_id", BIG_ID))
    op.add_column("screens", sa.Column("retired_at", sa.DateTime(timezone=True)))
    op.add_column("shows", sa.Column("plan_id", BIG_ID))
    op.add_column(
        "shows", sa.Column("orphan_rule", sa.Text(), nullable=False, server_default="off")
    )
    op.add_column("bookings", sa.Column("plan_id", BIG_ID))
    for (total_seats, seats_per_row), plan_id in ids.items():
        for table in ("screens", "shows"):
            op.execute(
                f"UPDATE {table} SET plan_id = {plan_id}"
                f" WHERE total_seats = {total_seats} AND seats_per_row = {seats_per_row}"
            )


def downgrade() -> None:
    op.drop_column("bookings", "plan_id")
    op.drop_column("shows", "orphan_rule")
    op.drop_column("shows", "plan_id")
    op.drop_column("screens", "retired_at")
    op.drop_column("screens", "plan_id")
    op.drop_table("seat_plans")


def _add_plans(connection: sa.Connection, plans: sa.Table) -> dict[tuple[int, int], int]:
    """Add the plan of each pair of numbers; return their ids."""
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql and connection.scalar(HAS_CITUS) and connection.scalar(IS_SPREAD):
        op.execute("SELECT create_reference_table('seat_plans')")
    sizes: set[tuple[int, int]] = set()
    for table in ("screens", "shows"):
        numbers = f"SELECT DISTINCT total_seats, seats_per_row FROM {table}"
        rows = connection.execute(sa.text(numbers))
        sizes.update((total_seats, seats_per_row) for total_seats, seats_per_row in rows)
    ids: dict[str, int] = {}
    found = {}
    for total_seats, seats_per_row in sorted(sizes):
        content = content_of(total_seats, seats_per_row)
        content_hash = hashlib.sha256(content.encode()).hexdigest()
        if content_hash not in ids:  # 5 seats in rows of 10 are 5 in rows of 5
            added = plans.insert().values(content=content, content_hash=content_hash)
            ids[content_hash] = connection.execute(added.returning(plans.c.id)).scalar_one()
        found[total_seats, seats_per_row] = ids[content_hash]
    return found


def content_of(total_seats: int, seats_per_row: int) -> str:
    """Return the content of a plain grid, as the code writes it at this revision."""
    width = min(total_seats, seats_per_row)
    starts = range(0, total_seats, seats_per_row)
    rows = [
        {
            "name": _row_label(row),
            "seats": [
                {"name": str(n + 1), "x": 25.0 * n, "y": 25.0 * row}
                for n in range(min(width, total_seats - start))
            ],
        }
        for row, start in enumerate(starts)
    ]
    across, deep = 25.0 * (width - 1), 25.0 * (len(starts) - 1)
    content: dict[str, Any] = {
        "categories": [{"name": "Standard", "color": "#3874cb"}],
        "stage": "top",
        "focal_point": [round(across * 0.5, 3), round(deep * (2 / 3), 3)],
        "sections": [{"name": "Stalls", "category": "Standard", "rows": rows}],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _row_label(row: int) -> str:
    return "".join(reversed([*_letters(row + 1)]))


def _letters(number: int) -> Iterator[str]:
    while number:
        number, letter = divmod(number - 1, 26)
        yield chr(ord("A") + letter)
