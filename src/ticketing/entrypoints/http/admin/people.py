"""Customers and colleagues, some of whom are gone."""

from collections.abc import Collection, Mapping

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.errors import AccountNotFound
from ticketing.entrypoints.http.web.context import office


def account_or_none(account_id: AccountId | None) -> Account | None:
    """None where it was deleted."""
    if account_id is None:
        return None
    try:
        return office().queries.accounts.account(account_id)
    except AccountNotFound:
        return None


def accounts_by_id(ids: Collection[AccountId]) -> Mapping[AccountId, Account | None]:
    return {account_id: account_or_none(account_id) for account_id in ids}
