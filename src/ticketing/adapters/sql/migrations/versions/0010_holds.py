"""Holds, and seats that carry them or are blocked.

Servers of the previous release know nothing of them: a seat with a booking is sold whatever else
it carries. PostgreSQL adds the columns without rewriting the table.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
HAS_CITUS = sa.text("SELECT to_regclass('pg_dist_partition') IS NOT NULL")
IS_SPREAD = sa.text("SELECT EXISTS (SELECT FROM pg_dist_partition)")


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("show_id", BIG_ID, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("seat_numbers", sa.JSON(), nullable=False),
        sa.Column("plan_id", BIG_ID),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("extendable_until", MOMENT, nullable=False),
        sa.Column("released_at", MOMENT),
        sa.Column("booking_id", BIG_ID),
        sa.PrimaryKeyConstraint("show_id", "id", name="pk_holds"),
    )
    op.create_index("ix_holds_account_id_show_id", "holds", ["account_id", "show_id"])
    op.create_index("ix_holds_expires_at", "holds", ["expires_at"])
    if is_spread():
        op.execute("SELECT create_distributed_table('holds', 'show_id', colocate_with => 'shows')")
    op.add_column("show_seats", sa.Column("hold_id", sa.Text()))
    op.add_column("show_seats", sa.Column("held_until", MOMENT))
    op.add_column(
        "show_seats",
        sa.Column("blocked", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def is_spread() -> bool:
    """Return whether the store is distributed over the machines of a Citus cluster."""
    if context.is_offline_mode() or op.get_bind().dialect.name != "postgresql":
        return False
    return bool(op.get_bind().scalar(HAS_CITUS) and op.get_bind().scalar(IS_SPREAD))


def downgrade() -> None:
    for column in ("blocked", "held_until", "hold_id"):
        op.drop_column("show_seats", column)
    op.drop_table("holds")
