"""Messages to customers, until they are sent.

Servers of the previous release neither add nor send any.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
IS_WAITING = sa.text("failed_at IS NULL")
HAS_CITUS = sa.text("SELECT to_regclass('pg_dist_partition') IS NOT NULL")
IS_SPREAD = sa.text("SELECT EXISTS (SELECT FROM pg_dist_partition)")


def upgrade() -> None:
    create_table(
        "show_messages",
        sa.Column("show_id", BIG_ID, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("entry_id", sa.Text()),
    )
    op.create_index("ix_show_messages_account_id", "show_messages", ["account_id"])
    create_table(
        "account_messages",
        sa.Column("name_hash", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("client_hash", sa.Text(), nullable=False),
    )
    op.create_index("ix_account_messages_client_hash", "account_messages", ["client_hash"])
    if is_spread():
        op.execute(
            "SELECT create_distributed_table('show_messages', 'show_id', colocate_with => 'shows')"
        )
        op.execute(
            "SELECT create_distributed_table"
            "('account_messages', 'name_hash', colocate_with => 'none')"
        )


def create_table(name: str, *columns: sa.Column[object]) -> None:
    """Create a table of messages, with the first two columns as its key."""
    key = [column.name for column in columns[:2]]
    op.create_table(
        name,
        *columns,
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failed_at", MOMENT),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
    )
    op.create_index(
        f"ix_{name}_next_attempt_at",
        name,
        ["next_attempt_at"],
        sqlite_where=IS_WAITING,
        postgresql_where=IS_WAITING,
    )


def is_spread() -> bool:
    """Return whether the store is distributed over the machines of a Citus cluster."""
    if context.is_offline_mode() or op.get_bind().dialect.name != "postgresql":
        return False
    return bool(op.get_bind().scalar(HAS_CITUS) and op.get_bind().scalar(IS_SPREAD))


def downgrade() -> None:
    op.drop_table("account_messages")
    op.drop_table("show_messages")
