"""Open to the public: caps on seats, log-ins that failed, and what the staff did."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "show_customers",
        sa.Column("show_id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.PrimaryKeyConstraint("show_id", "account_id", name="pk_show_customers"),
    )
    op.create_table(
        "failed_log_ins",
        sa.Column("key", KEY, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_failed_log_ins"),
    )
    op.create_index("ix_failed_log_ins_since", "failed_log_ins", ["since"])
    op.create_table(
        "audit_entries",
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("account_id", BIG_ID),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_entries_at_id", "audit_entries", ["at", "id"])
    op.create_index("ix_audit_entries_account_id_id", "audit_entries", ["account_id", "id"])


def downgrade() -> None:
    op.drop_table("audit_entries")
    op.drop_table("failed_log_ins")
    op.drop_table("show_customers")
