"""An index of a customer's bookings in one show, which a sale with a seat limit counts.

Without statistics, PostgreSQL read all bookings of the show. Sales wait while the index is built:
about a second for a million bookings.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_bookings_show_id_account_id", "bookings", ["show_id", "account_id"])


def downgrade() -> None:
    op.drop_index("ix_bookings_show_id_account_id", "bookings")
