"""The waiting list of shows.

Servers of the previous release know nothing of it: they sell a seat as soon as it is free.
PostgreSQL adds the columns without rewriting the tables.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
HAS_CITUS = sa.text("SELECT to_regclass('pg_dist_partition') IS NOT NULL")
IS_SPREAD = sa.text("SELECT EXISTS (SELECT FROM pg_dist_partition)")


def upgrade() -> None:
    op.create_table(
        "waiting_list_entries",
        sa.Column("show_id", BIG_ID, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("together", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("hold_id", sa.Text()),
        sa.Column("left_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.PrimaryKeyConstraint("show_id", "id", name="pk_waiting_list_entries"),
    )
    for columns in (["show_id", "position"], ["account_id", "show_id"]):
        name = f"ix_waiting_list_entries_{'_'.join(columns)}"
        op.create_index(name, "waiting_list_entries", columns)
    if is_spread():
        spread = "'waiting_list_entries', 'show_id', colocate_with => 'shows'"
        op.execute(f"SELECT create_distributed_table({spread})")
    for table, name in (("holds", "is_offer"), ("shows", "has_waiting")):
        added: sa.Column[bool] = sa.Column(
            name, sa.Boolean(), server_default=sa.false(), nullable=False
        )
        op.add_column(table, added)
    op.create_index(
        "ix_shows_has_waiting",
        "shows",
        ["id"],
        sqlite_where=sa.text("has_waiting"),
        postgresql_where=sa.text("has_waiting"),
    )


def is_spread() -> bool:
    """Return whether the store is distributed over the machines of a Citus cluster."""
    if context.is_offline_mode() or op.get_bind().dialect.name != "postgresql":
        return False
    return bool(op.get_bind().scalar(HAS_CITUS) and op.get_bind().scalar(IS_SPREAD))


def downgrade() -> None:
    op.drop_index("ix_shows_has_waiting", "shows")
    op.drop_column("shows", "has_waiting")
    op.drop_column("holds", "is_offer")
    op.drop_table("waiting_list_entries")
