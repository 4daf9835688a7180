"""Count log-ins that are still being verified apart from those that failed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    unfinished = sa.Column("unfinished", sa.Integer, nullable=False, server_default="0")
    op.add_column("failed_log_ins", unfinished)
    op.add_column("failed_log_ins", sa.Column("reserved_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("failed_log_ins", "reserved_at")
    op.drop_column("failed_log_ins", "unfinished")
