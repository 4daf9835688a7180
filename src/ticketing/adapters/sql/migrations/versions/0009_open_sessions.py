"""Indexes for the maximum of open sessions per account, and for purging expired ones.

Log-ins and renewals wait while they are built: about two seconds for a million sessions.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

IS_OPEN = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_index(
        "ix_sessions_account_id_renewed_at",
        "sessions",
        ["account_id", "renewed_at"],
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )


def downgrade() -> None:
    op.drop_index("ix_sessions_account_id_renewed_at", "sessions")
    op.drop_index("ix_sessions_expires_at", "sessions")
