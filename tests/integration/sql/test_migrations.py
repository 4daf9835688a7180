"""Migrations of the schema: up and down, by one process or several."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect, text

from tests.builders import (
    CUSTOMER,
    PASSWORD,
    SALES_GRACE,
    a_movie,
    a_show,
    account_service,
    put_on,
)
from tests.contracts.fixtures import ALL
from tests.integration.concurrent_buyers import new_processes
from tests.integration.databases import (
    downgrade,
    migrate,
    new_database,
    opened,
    upgrade,
    with_settings,
)
from tests.integration.postgresql_server import Server
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.tables import metadata
from ticketing.domain.accounts.account import AccountId, Actor, Role
from ticketing.domain.accounts.errors import EmailTaken
from ticketing.domain.box_office import Queries
from ticketing.domain.errors import NotReady
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import BookingStatus
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import HoldLost, SeatTaken
from ticketing.domain.sales.hold_service import HoldService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.text import comparison_key

SCRIPTS = ScriptDirectory(str(schema.MIGRATIONS))
REVISIONS = [script.revision for script in SCRIPTS.walk_revisions()][::-1]
PROCESSES = 4
EMAIL_KEYS = "0008"
PREVIOUS_RELEASE = "0004"


@pytest.fixture
def postgresql(postgresql_server: Server) -> Iterator[str]:
    """An empty database."""
    with new_database(postgresql_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path) -> str:
    """A file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'new.db'}"


def tables_of(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def check(database: Database) -> None:
    assert schema.is_current(database.engine)
    assert schema.difference(database.engine) is None
    assert tables_of(database) == set(metadata.tables)


def test_the_revisions_form_one_line():
    assert SCRIPTS.get_heads() == [schema.HEAD] == REVISIONS[-1:]


def test_a_new_database_gets_the_schema_that_the_code_expects(database):
    assert schema.revision(database.engine) is None
    assert not schema.is_current(database.engine)
    schema.migrate(database.engine)
    check(database)


def test_a_store_without_schema_is_not_ready(transactions, queries):
    with pytest.raises(NotReady):
        transactions(lambda uow: uow.movies.add(a_movie()))
    with pytest.raises(NotReady):
        queries.programme.movies("", ALL)


def test_an_old_schema_is_not_current(database):
    schema.migrate(database.engine)
    downgrade(database, REVISIONS[-2])
    assert not schema.is_current(database.engine)


def test_a_newer_schema_is_current_and_stays_unchanged(database):
    """An upgrade migrates first, while servers of this release continue."""
    schema.migrate(database.engine)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    schema.migrate(database.engine)
    assert schema.is_current(database.engine)
    assert schema.revision(database.engine) == "9999"


@pytest.mark.parametrize(("group", "is_worker"), [(0, False), (3, True)])
def test_a_worker_node_of_citus_is_not_migrated(postgresql_server, group, is_worker):
    """The coordinator has group 0, as has a node that was not added to a cluster."""
    node = f"CREATE TABLE pg_dist_local_group AS SELECT {group} AS groupid"
    with new_database(postgresql_server) as url, opened(url) as database:
        with database.engine.connect() as connection:
            connection.exec_driver_sql(node)
        if is_worker:
            with pytest.raises(schema.CannotMigrate, match="coordinator"):
                schema.migrate(database.engine)
        else:
            schema.migrate(database.engine)
        migrated = set() if is_worker else set(metadata.tables)
        assert tables_of(database) == migrated | {"pg_dist_local_group"}


def test_every_migration_is_reversible(database):
    for _ in range(2):
        schema.migrate(database.engine)
        for before in ["base", *REVISIONS][-2::-1]:
            downgrade(database, before)
        assert tables_of(database) == set()
        assert schema.revision(database.engine) is None
    schema.migrate(database.engine)
    check(database)


def test_migrating_again_changes_nothing(database, transactions, queries):
    schema.migrate(database.engine)
    show = put_on(transactions)
    schema.migrate(database.engine)
    check(database)
    assert queries.programme.show(show.id).show == show
    assert put_on(transactions, a_show()).id > show.id


ROWS = {
    "0001": """
    INSERT INTO movies (title, title_key, duration_minutes, description, rating, language) VALUES
     ('Metropolis', 'metropolis', 153, 'By Fritz Lang.', 'PG', 'de');
    INSERT INTO screens (name, name_key, total_seats, seats_per_row) VALUES
     ('Screen 1', 'screen 1', 4, 2);
    INSERT INTO shows
     (movie_id, screen_id, starts_at, total_seats, seats_per_row, cancelled_at) VALUES
     (1, 1, '2026-05-05 18:00:00+00:00', 4, 2, NULL),
     (1, 1, '2026-05-06 18:00:00+00:00', 1, 1, '2026-05-04 18:00:00+00:00');
    INSERT INTO bookings
     (show_id, id, reference, account_id, seat_numbers, created_at, cancelled_at) VALUES
     (1, 1000, 'AAAA-1111', 1, '[1, 3]', '2026-05-04 18:00:00+00:00', NULL),
     (2, 1001, 'BBBB-2222', 1, '[1]', '2026-05-04 18:00:00+00:00', '2026-05-04 18:00:00+00:00');
    INSERT INTO show_seats (show_id, number, booking_id) VALUES
     (1, 1, 1000), (1, 2, NULL), (1, 3, 1000), (1, 4, NULL), (2, 1, NULL);
    INSERT INTO accounts (username, email, password_hash, role, created_at) VALUES
     ('maria', 'maria@example.org', '$argon2id$v=19$x', 'customer', '2026-05-04 18:00:00+00:00'),
     ('deleted #2', NULL, '!deleted', 'customer', '2026-05-04 18:00:00+00:00'),
     ('rehearsal-ab12-00001', NULL, '!rehearsal-ab12', 'customer', '2026-05-04 18:00:00+00:00');
    INSERT INTO account_names (name_key, account_id) VALUES
     ('maria', 1), ('maria@example.org', 1), ('rehearsal-ab12-00001', 3);
    INSERT INTO sessions
     (account_id, id, rotates, generation, renewed_at, expires_at, revoked_at) VALUES
     (1, 'ab', TRUE, 2, '2026-05-04 18:00:00+00:00', '2026-05-11 18:00:00+00:00', NULL)
    """,
    "0002": """
    INSERT INTO shows (movie_id, screen_id, starts_at, total_seats, seats_per_row, rehearsal) VALUES
     (1, 1, '2026-05-07 18:00:00+00:00', 1, 1, TRUE);
    INSERT INTO idempotency_keys
     (show_id, account_id, operation, key, fingerprint, answer, created_at) VALUES
     (1, 1, 'book', 'key', 'ef', 'answer', '2026-05-04 18:00:00+00:00')
    """,
    "0004": """
    INSERT INTO show_customers (show_id, account_id) VALUES (1, 1);
    INSERT INTO failed_log_ins (key, failures, since) VALUES
     ('cd', 3, '2026-05-04 18:00:00+00:00');
    INSERT INTO audit_entries (at, account_id, action, subject, details) VALUES
     ('2026-05-04 18:00:00+00:00', 1, 'show.added', 'show 5', '{}'),
     ('2026-05-04 18:00:01+00:00', 1, 'booking.cancelled', 'booking 3000000000', '{}'),
     ('2026-05-04 18:00:02+00:00', NULL, 'programme.imported', 'programme', '{}')
    """,
    "0010": """
    INSERT INTO holds
     (show_id, id, account_id, seat_numbers, created_at, expires_at, extendable_until) VALUES
     (1, '1-0123456789ABCDEF', 1, '[2]', '2026-05-04 18:00:00.000000+00:00',
      '2026-05-04 18:10:00.000000+00:00', '2026-05-04 18:30:00.000000+00:00');
    UPDATE show_seats SET hold_id = '1-0123456789ABCDEF', held_until = '2026-05-04 18:10:00.000000'
     WHERE show_id = 1 AND number = 2
    """,
    "0012": """
    INSERT INTO waiting_list_entries
     (show_id, id, position, account_id, count, together, created_at) VALUES
     (1, '1-0123456789ABCDEF', 1, 1, 2, TRUE, '2026-05-04 18:00:00.000000+00:00')
    """,
    "0013": """
    INSERT INTO show_messages
     (show_id, id, kind, account_id, created_at, next_attempt_at, attempts) VALUES
     (1, 'show_cancelled-1', 'show_cancelled', 1, '2026-05-04 18:00:00.000000+00:00',
      '2026-05-04 18:00:00.000000+00:00', 0);
    INSERT INTO account_messages
     (name_hash, id, kind, name, client_hash, created_at, next_attempt_at, attempts) VALUES
     ('ab', 'cd', 'password_reset', 'maria', 'ef', '2026-05-04 18:00:00.000000+00:00',
      '2026-05-04 18:00:00.000000+00:00', 0)
    """,
}
"""SQL that fills the tables which each revision added, as servers of its release did."""

A_ROW_OF_THE_PREVIOUS_RELEASE = """
INSERT INTO audit_entries (at, account_id, action, subject, details) VALUES
 ('2026-05-04 18:00:03+00:00', 1, 'movie.added', 'movie 7', '{}')
"""


def run(database: Database, script: str) -> None:
    with database.engine.begin() as connection:
        for statement in script.split(";"):
            connection.exec_driver_sql(statement)


def fill(database: Database, revision: str) -> None:
    if revision in ROWS:
        run(database, ROWS[revision])


Row = dict[str, Any]


def rows_of(database: Database) -> dict[str, list[Row]]:
    """Return the rows of each table, in the order of its key."""
    with database.engine.connect() as connection:
        select_all = {
            table: f"SELECT * FROM {table} ORDER BY 1, 2" for table in tables_of(database)
        }
        return {
            table: [dict(row) for row in connection.exec_driver_sql(select).mappings()]
            for table, select in select_all.items()
        }


def assert_kept(before: list[Row], after: list[Row]) -> None:
    """Check that the rows are the same in all columns that they had before."""
    kept = [{column: upgraded[column] for column in before[0]} for upgraded in after]
    assert [row for row in kept if row in before] == before


def test_an_upgrade_from_the_first_revision_keeps_every_row(database, transactions, queries):
    first, *others = REVISIONS
    upgrade(database, first)
    fill(database, first)
    for revision in others:
        before = rows_of(database)
        assert all(before.values())
        upgrade(database, revision)
        after = rows_of(database)
        for table, rows in before.items():
            assert_kept(rows, after[table])
        fill(database, revision)
    assert all(rows_of(database).values())
    check(database)

    [booking] = queries.sales.bookings_by_reference("AAAA-1111")
    assert [seat.number for seat in booking.seats] == [1, 3]
    assert booking.show.movie.description == "By Fritz Lang."
    assert queries.accounts.account_named("MARIA@example.org").id == booking.customer
    assert queries.accounts.session(booking.customer, "ab").generation == 2
    assert booking.status is BookingStatus.BOOKED
    assert queries.sales.booking(1001).is_cancelled_with_show
    BookingService(transactions, SalesPolicy(SALES_GRACE)).book(booking.show.id, [2], CUSTOMER)
    assert queries.programme.show(booking.show.id).available_seats == 1


def test_states_and_subjects_that_were_text_become_columns(database, queries):
    for revision in REVISIONS[: REVISIONS.index("0004") + 1]:
        upgrade(database, revision)
        fill(database, revision)

    for _ in range(2):
        schema.migrate(database.engine)
        maria, deleted, rehearsed = map(queries.accounts.account, (1, 2, 3))
        entries = queries.audit.audit_entries(ALL).items
        downgrade(database, "0004")

    assert (maria.has_password, maria.password_hash) == (True, "$argon2id$v=19$x")
    assert not (maria.is_deleted or maria.is_rehearsal)
    assert (deleted.is_deleted, deleted.has_password) == (True, False)
    assert (rehearsed.rehearsal, rehearsed.has_password) == ("rehearsal-ab12", False)
    assert not (deleted.is_rehearsal or rehearsed.is_deleted)
    assert [(entry.subject_kind, entry.subject_id) for entry in entries] == [
        ("programme", None),
        ("booking", 3_000_000_000),
        ("show", 5),
    ]


def test_the_marks_of_the_previous_release_come_back(database):
    schema.migrate(database.engine)
    add_accounts = """
    INSERT INTO accounts (id, username, password_hash, role, created_at, deleted_at, rehearsal)
    VALUES (1, 'deleted #1', '', 'customer', '2026-05-04', '2026-05-04', NULL),
     (2, 'rehearsal-ab12-00001', '', 'customer', '2026-05-04', NULL, 'rehearsal-ab12')
    """
    run(database, add_accounts)

    downgrade(database, "0004")

    marks = "SELECT password_hash FROM accounts ORDER BY id"
    with database.engine.connect() as connection:
        kept = connection.exec_driver_sql(marks).scalars().all()
    assert kept == ["!deleted", "!rehearsal-ab12"]


def test_servers_of_the_previous_release_add_audit_entries_during_the_upgrade(database, queries):
    schema.migrate(database.engine)
    run(database, A_ROW_OF_THE_PREVIOUS_RELEASE)

    [entry] = queries.audit.audit_entries(ALL).items
    assert entry.subject == "movie 7"


def test_screens_and_shows_of_two_numbers_get_their_plans(database, transactions, queries):
    for revision in REVISIONS[: REVISIONS.index("0011")]:
        upgrade(database, revision)
        fill(database, revision)
    run(database, "UPDATE screens SET seats_per_row = 10")
    schema.migrate(database.engine)

    [screen] = queries.programme.screens(ALL).items
    assert (screen.plan, screen.rows, screen.seats_per_row) == (plain_grid(4), 1, 4)
    shows = [transactions(lambda uow, n=n: uow.shows.get(ShowId(n))) for n in (1, 2, 3)]
    plans = [show.plan for show in shows]
    assert plans == [plain_grid(4, 2), plain_grid(1), plain_grid(1)]
    assert all(plan.id for plan in (screen.plan, *plans))
    [booking] = queries.sales.bookings_by_reference("AAAA-1111")
    assert [seat.label for seat in booking.seats] == ["A1", "B1"]


@pytest.mark.parametrize("size", [(1, 1), (5, 10), (23, 8), (23, 7), (40, 1), (800, 30)])
def test_the_plans_of_two_numbers_are_those_of_the_code(size):
    content_of = SCRIPTS.get_revision("0011").module.content_of
    assert content_of(*size) == plain_grid(*size).content


def test_servers_of_the_previous_release_add_and_change_shows_during_the_upgrade(
    database, transactions, queries
):
    schema.migrate(database.engine)
    changed = put_on(transactions, a_show(plan=plain_grid(4, 2)))
    run(
        database,
        f"""
        UPDATE shows SET total_seats = 3, seats_per_row = 10 WHERE id = {changed.id};
        INSERT INTO screens (name, name_key, total_seats, seats_per_row) VALUES
         ('Screen 2', 'screen 2', 6, 3);
        INSERT INTO shows (movie_id, screen_id, starts_at, total_seats, seats_per_row) VALUES
         ({changed.movie.id}, 2, '2026-05-05 18:00:00+00:00', 6, 3)
        """,
    )

    assert queries.programme.show(changed.id).show.plan == plain_grid(3)
    assert transactions(lambda uow: uow.seats.plan(changed.id, current=True)) == plain_grid(3)
    added = transactions(lambda uow: uow.shows.get(ShowId(changed.id + 1)))
    assert added.plan == added.screen.plan == plain_grid(6, 3)
    with database.engine.connect() as connection:
        written = connection.exec_driver_sql(
            f"SELECT total_seats, seats_per_row FROM screens WHERE id = {changed.screen.id}"
        ).one()
    assert tuple(written) == (50, 10)


def test_servers_of_the_previous_release_sell_held_seats_during_the_upgrade(
    database, transactions, queries
):
    """A seat with a booking is sold, whatever else it carries, and is never sold again."""
    schema.migrate(database.engine)
    show = put_on(transactions)
    policy = SalesPolicy(SALES_GRACE, per_account=3)
    holds = HoldService(transactions, policy)
    owner = Actor(CUSTOMER, Role.CUSTOMER)
    kept, sold = holds.hold(show.id, [1], owner), holds.hold(show.id, [2, 3], owner)
    book_as_before = f"""
    INSERT INTO bookings (show_id, id, reference, account_id, seat_numbers, created_at) VALUES
     ({show.id}, 1000, 'CCCC-3333', 7, '[2]', '2026-05-04 18:00:00+00:00');
    UPDATE show_seats SET booking_id = 1000
     WHERE show_id = {show.id} AND number = 2 AND booking_id IS NULL
    """
    run(database, book_as_before)

    seat_map = queries.sales.seat_map(show.id)
    assert (seat_map.booked, seat_map.held) == ({2}, {1, 3})
    offer = queries.programme.show(show.id)
    assert (offer.available_seats, offer.held_seats) == (47, 2)
    with pytest.raises(HoldLost):
        holds.book(sold.id, owner)
    with pytest.raises(SeatTaken):
        holds.change(sold.id, [2], owner)
    with pytest.raises(SeatTaken):
        BookingService(transactions, policy).book(show.id, [2], AccountId(9))
    holds.release(sold.id, owner)
    assert [seat.number for seat in holds.book(kept.id, owner).seats] == [1]
    assert queries.sales.seat_map(show.id).booked == {1, 2}
    assert queries.sales.seat_map(show.id).held == frozenset()


EMAILS = [
    "maria@example.org",
    "jörg@example.org",
    "x@例え.jp",
    "X@xn--r8jz45g.jp",
    "alice@faß.example",
    "al\u200bice@example.org",
]


def add_accounts_of_the_previous_release(database: Database, emails: list[str]) -> None:
    """Add an account for each address, with a username from a-1 and the earlier keys."""
    with database.engine.begin() as connection:
        add_account = text(
            "INSERT INTO accounts (username, email, password_hash, role, created_at)"
            " VALUES (:name, :email, '', 'customer', '2026-05-04') RETURNING id"
        )
        add_key = text("INSERT INTO account_names (name_key, account_id) VALUES (:key, :id)")
        for number, email in enumerate(emails, 1):
            name = f"a-{number}"
            id_ = connection.scalar(add_account, {"name": name, "email": email})
            for key in (name, comparison_key(email)):
                connection.execute(add_key, {"key": key, "id": id_})


def found(queries: Queries, name: str) -> str | None:
    account = queries.accounts.account_named(name)
    return account.username if account else None


@pytest.fixture
def before_email_keys(database: Database) -> Database:
    upgrade(database, REVISIONS[REVISIONS.index(EMAIL_KEYS) - 1])
    add_accounts_of_the_previous_release(database, EMAILS)
    return database


def test_addresses_that_are_invalid_or_equal_are_printed(before_email_keys, capsys):
    schema.migrate(before_email_keys.engine)

    invalid, invisible, pair = capsys.readouterr().out.splitlines()
    assert invalid.startswith("Account 2 (a-2): the e-mail address 'jörg@example.org' is not valid")
    assert pair == (
        "Account 4 (a-4): the e-mail address 'X@xn--r8jz45g.jp' is that of account 3, which is"
        " older and keeps it for log-in: this one logs in by its username."
    )
    assert "'al\\u200bice@example.org'" in invisible


def test_accounts_keep_their_addresses_for_log_in(before_email_keys, queries):
    before = rows_of(before_email_keys)
    schema.migrate(before_email_keys.engine)

    assert [found(queries, email) for email in EMAILS] == ["a-1", "a-2", "a-3", "a-3", "a-5", "a-6"]
    assert found(queries, "a-4") == "a-4"
    assert found(queries, "alice@fass.example") is None
    after = rows_of(before_email_keys)
    assert after["accounts"] == before["accounts"]
    assert_kept(before["account_names"], after["account_names"])


def test_many_addresses_get_their_keys(database, queries):
    upgrade(database, REVISIONS[REVISIONS.index(EMAIL_KEYS) - 1])
    add_accounts_of_the_previous_release(database, [f"m{n}@bücher.example" for n in range(2001)])
    schema.migrate(database.engine)

    for number in (1, 1000, 1001, 2001):
        assert found(queries, f"m{number - 1}@xn--bcher-kva.example") == f"a-{number}"


def test_no_log_in_or_sale_waits_while_addresses_get_their_keys(postgresql):
    """Earlier migrations of the same upgrade alter tables, and must have been committed."""
    writes_of_servers = (
        "LOCK TABLE accounts, account_names, failed_log_ins, sessions, bookings, audit_entries"
        " IN ROW EXCLUSIVE MODE NOWAIT"
    )
    tries = []

    def try_to_write(connection, cursor, statement, *_):
        if "INSERT INTO account_names" in statement:
            with closing(psycopg2.connect(postgresql)) as server:
                server.cursor().execute(writes_of_servers)
            tries.append(statement)

    with opened(postgresql) as database:
        upgrade(database, PREVIOUS_RELEASE)
        add_accounts_of_the_previous_release(database, EMAILS[:1])
        event.listen(database.engine, "before_cursor_execute", try_to_write)
        schema.migrate(database.engine)
    assert len(tries) == 1


def test_accounts_added_by_servers_of_the_previous_release_are_found(
    database, transactions, queries
):
    schema.migrate(database.engine)
    add_accounts_of_the_previous_release(database, EMAILS[:3])
    service = account_service(transactions, queries)

    assert [found(queries, email) for email in EMAILS[:3]] == ["a-1", "a-2", "a-3"]
    for taken in ("MARIA@example.org", "x@例え.jp"):
        with pytest.raises(EmailTaken):
            service.sign_up("another", PASSWORD, taken)


def test_servers_of_the_previous_release_find_new_accounts_and_delete_them(
    database, transactions, queries
):
    schema.migrate(database.engine)
    service = account_service(transactions, queries)
    maria = service.sign_up("maria", PASSWORD, "Maria@example.org")
    names = "SELECT name_key FROM account_names WHERE account_id = 1 ORDER BY 1"
    with database.engine.connect() as connection:
        keys = connection.exec_driver_sql(names).scalars().all()
    assert set(keys) >= {comparison_key("maria"), comparison_key("Maria@example.org")}

    delete_as_before = f"""
    UPDATE accounts SET username = 'deleted #1', email = NULL, deleted_at = '2026-05-05'
     WHERE id = {maria.id};
    DELETE FROM account_names WHERE name_key IN ('maria', 'maria@example.org')
    """
    run(database, delete_as_before)
    assert found(queries, "maria@example.org") is None
    again = service.sign_up("maria", PASSWORD, "maria@EXAMPLE.org")
    assert queries.accounts.account_named("maria@example.org") == again


def test_without_the_new_keys_accounts_are_found_by_the_earlier_ones(before_email_keys, queries):
    schema.migrate(before_email_keys.engine)
    before = rows_of(before_email_keys)["account_names"]
    downgrade(before_email_keys, REVISIONS[REVISIONS.index(EMAIL_KEYS) - 1])

    after = rows_of(before_email_keys)["account_names"]
    assert len(after) == 2 * len(EMAILS) < len(before)
    assert [found(queries, email) for email in EMAILS] == [f"a-{n}" for n in range(1, 7)]


def test_the_sql_can_be_applied_by_hand(database, database_url):
    script = schema.migration_sql(database.engine)
    if database.file:
        with closing(sqlite3.connect(database.file)) as connection:
            connection.executescript(script)
    else:
        with closing(psycopg2.connect(database_url)) as session:
            session.cursor().execute(script)
    check(database)


def test_an_interrupted_migration_is_rolled_back(database):
    def break_off(connection, cursor, statement, *_):
        if "CREATE TABLE show_seats" in statement:
            raise KeyboardInterrupt

    event.listen(database.engine, "before_cursor_execute", break_off)
    with pytest.raises(KeyboardInterrupt):
        schema.migrate(database.engine)
    event.remove(database.engine, "before_cursor_execute", break_off)
    assert tables_of(database) == set()
    schema.migrate(database.engine)
    check(database)


def test_concurrent_migrations_are_serialised(database_url):
    with new_processes(PROCESSES) as processes:
        running = [processes.submit(migrate, database_url) for _ in range(PROCESSES)]
        for done in running:
            done.result()
    with opened(database_url) as database:
        check(database)


def test_a_migration_is_exempt_from_the_statement_timeout(postgresql):
    short_statement_timeout = with_settings(postgresql, "-c statement_timeout=50ms")
    with opened(short_statement_timeout) as database:

        @event.listens_for(database.engine, "before_cursor_execute")
        def take_long(connection, cursor, statement, *_):
            if "CREATE TABLE show_seats" in statement:
                cursor.execute("SELECT pg_sleep(0.1)")

        schema.migrate(database.engine)
        check(database)
