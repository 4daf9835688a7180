"""Names may live on other machines than their accounts: no foreign key between them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FOREIGN_KEY = "fk_account_names_account_id"
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    bound = sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=FOREIGN_KEY)
    with op.batch_alter_table("account_names", copy_from=account_names(bound)) as names:
        names.drop_constraint(FOREIGN_KEY, type_="foreignkey")


def downgrade() -> None:
    with op.batch_alter_table("account_names", copy_from=account_names()) as names:
        names.create_foreign_key(FOREIGN_KEY, "accounts", ["account_id"], ["id"])


def account_names(*more: sa.Constraint) -> sa.Table:
    """Return the table as it was before: SQLite, which recreates it, cannot look it up offline."""
    return sa.Table(
        "account_names",
        sa.MetaData(),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.PrimaryKeyConstraint("name_key", name="pk_account_names"),
        *more,
    )
