"""Columns for states and subjects that were encoded in text.

The previous release goes on during the upgrade. It reads the marks in ``password_hash``, which
stay, and reads and writes ``audit_entries.subject``, which stays until a later release removes it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SUBJECTS = ("account", "booking", "movie", "screen", "show")


def upgrade() -> None:
    op.add_column("accounts", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    op.add_column("accounts", sa.Column("rehearsal", sa.Text()))
    # When they were deleted was not stored.
    op.execute(
        "UPDATE accounts SET deleted_at = CURRENT_TIMESTAMP WHERE password_hash = '!deleted'"
    )
    op.execute(
        "UPDATE accounts SET rehearsal = substr(password_hash, 2)"
        " WHERE substr(password_hash, 1, 11) = '!rehearsal-'"
    )
    op.add_column("audit_entries", sa.Column("subject_kind", sa.Text()))
    op.add_column("audit_entries", sa.Column("subject_id", BIG_ID))
    op.execute("UPDATE audit_entries SET subject_kind = subject WHERE subject = 'programme'")
    for kind in SUBJECTS:
        op.execute(
            f"UPDATE audit_entries SET subject_kind = '{kind}',"
            f" subject_id = CAST(substr(subject, {len(kind) + 2}) AS BIGINT)"
            f" WHERE substr(subject, 1, {len(kind) + 1}) = '{kind} '"
        )


def downgrade() -> None:
    op.drop_column("audit_entries", "subject_id")
    op.drop_column("audit_entries", "subject_kind")
    op.execute("UPDATE accounts SET password_hash = '!deleted' WHERE deleted_at IS NOT NULL")
    op.execute("UPDATE accounts SET password_hash = '!' || rehearsal WHERE rehearsal IS NOT NULL")
    op.drop_column("accounts", "rehearsal")
    op.drop_column("accounts", "deleted_at")
