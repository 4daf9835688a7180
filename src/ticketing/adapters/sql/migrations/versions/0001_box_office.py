"""The box office: programme, sales and accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_programme()
    create_sales()
    create_accounts()


def create_programme() -> None:
    op.create_table(
        "movies",
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", KEY, nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.CheckConstraint("duration_minutes > 0", name=op.f("ck_movies_duration_positive")),
        sa.PrimaryKeyConstraint("id", name="pk_movies"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_movies_title_key", "movies", ["title_key"])
    op.create_table(
        "screens",
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("total_seats", sa.Integer(), nullable=False),
        sa.Column("seats_per_row", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "total_seats > 0 AND seats_per_row > 0", name=op.f("ck_screens_seats_positive")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_screens"),
        sa.UniqueConstraint("name_key", name="uq_screens_name_key"),
        sqlite_autoincrement=True,
    )


def create_sales() -> None:
    op.create_table(
        "shows",
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("movie_id", BIG_ID, nullable=False),
        sa.Column("screen_id", BIG_ID, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("total_seats", sa.Integer(), nullable=False),
        sa.Column("seats_per_row", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", MOMENT),
        sa.CheckConstraint(
            "total_seats > 0 AND seats_per_row > 0", name=op.f("ck_shows_seats_positive")
        ),
        sa.ForeignKeyConstraint(["movie_id"], ["movies.id"], name="fk_shows_movie_id"),
        sa.ForeignKeyConstraint(["screen_id"], ["screens.id"], name="fk_shows_screen_id"),
        sa.PrimaryKeyConstraint("id", name="pk_shows"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shows_starts_at_id", "shows", ["starts_at", "id"])
    op.create_index("ix_shows_movie_id_starts_at_id", "shows", ["movie_id", "starts_at", "id"])
    op.create_index("ix_shows_screen_id_starts_at_id", "shows", ["screen_id", "starts_at", "id"])
    op.create_table(
        "bookings",
        sa.Column("show_id", BIG_ID, nullable=False),
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("seat_numbers", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("cancelled_at", MOMENT),
        sa.ForeignKeyConstraint(["show_id"], ["shows.id"], name="fk_bookings_show_id"),
        sa.PrimaryKeyConstraint("show_id", "id", name="pk_bookings"),
        sa.UniqueConstraint("show_id", "reference", name="uq_bookings_show_id_reference"),
    )
    op.create_index("ix_bookings_id", "bookings", ["id"])
    op.create_index("ix_bookings_account_id_id", "bookings", ["account_id", "id"])
    op.create_table(
        "show_seats",
        sa.Column("show_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("booking_id", BIG_ID),
        sa.CheckConstraint("number > 0", name=op.f("ck_show_seats_number_positive")),
        sa.ForeignKeyConstraint(["show_id"], ["shows.id"], name="fk_show_seats_show_id"),
        sa.ForeignKeyConstraint(
            ["show_id", "booking_id"],
            ["bookings.show_id", "bookings.id"],
            name="fk_show_seats_show_id_booking_id",
        ),
        sa.PrimaryKeyConstraint("show_id", "number", name="pk_show_seats"),
    )


def create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "account_names",
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_account_names_account_id"
        ),
        sa.PrimaryKeyConstraint("name_key", name="pk_account_names"),
    )
    op.create_table(
        "sessions",
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rotates", sa.Boolean(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("renewed_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sessions_account_id"),
        sa.PrimaryKeyConstraint("account_id", "id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_revoked_at", "sessions", ["revoked_at"])


def downgrade() -> None:
    for table in (
        "sessions",
        "account_names",
        "accounts",
        "show_seats",
        "bookings",
        "shows",
        "screens",
        "movies",
    ):
        op.drop_table(table)
