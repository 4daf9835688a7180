"""Keys of e-mail addresses by which two ways to write one mailbox are equal.

The keys are marked by a prefix. Servers of the previous release do not read them, and add accounts
without them: the release that removes the earlier keys adds those that are missing.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from ticketing.adapters.email_addresses import parse_email
from ticketing.domain.accounts.errors import InvalidEmail

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PREFIX = "EMAIL:"
BATCH = 1000

ACCOUNTS = sa.table("accounts", sa.column("id"), sa.column("username"), sa.column("email"))
NAMES = sa.table("account_names", sa.column("name_key"), sa.column("account_id"))


def upgrade() -> None:
    if context.is_offline_mode():  # the SQL for a new database, without accounts
        return
    for batch in accounts_with_address():
        add_keys(batch)


def accounts_with_address() -> Iterator[Sequence[sa.Row[Any]]]:
    """Yield all of them in batches, the oldest first."""
    last = 0
    some = sa.select(ACCOUNTS).where(ACCOUNTS.c.email.is_not(None)).order_by(ACCOUNTS.c.id)
    while batch := op.get_bind().execute(some.where(ACCOUNTS.c.id > last).limit(BATCH)).all():
        yield batch
        last = batch[-1].id


def add_keys(batch: Sequence[sa.Row[Any]]) -> None:
    """Add the keys of their addresses, and print the addresses that get none."""
    keys = {}
    for account in batch:
        try:
            keys[account.id] = PREFIX + parse_email(account.email).key
        except InvalidEmail as fault:
            report(account, f"is not valid any more: {fault} It still logs in, but gets no mail.")
    taken = sa.select(NAMES).where(NAMES.c.name_key.in_(keys.values()))
    owners = {row.name_key: row.account_id for row in op.get_bind().execute(taken)}
    added = []
    for account in batch:
        key = keys.get(account.id)
        if key in owners:
            report(
                account,
                f"is that of account {owners[key]}, which is older and keeps it for log-in:"
                " this one logs in by its username.",
            )
        elif key:
            owners[key] = account.id
            added.append({"name_key": key, "account_id": account.id})
    if added:
        op.get_bind().execute(sa.insert(NAMES), added)


def report(account: sa.Row[Any], fault: str) -> None:
    # repr shows characters that are invisible
    context.config.print_stdout(
        f"Account {account.id} ({account.username}): the e-mail address {account.email!r} {fault}"
    )


def downgrade() -> None:
    op.execute(f"DELETE FROM account_names WHERE substr(name_key, 1, 6) = '{PREFIX}'")
