"""The names of an account, its username and its e-mail address, and how they are compared."""

from dataclasses import dataclass
from typing import Protocol

from ticketing.domain.accounts.account import Account
from ticketing.domain.accounts.errors import InvalidEmail
from ticketing.domain.text import comparison_key

_EMAIL = "EMAIL:"
"""Marks the keys of addresses. No comparison key contains a capital."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """A valid e-mail address.

    ``key`` is the same for all ways to write one mailbox: the local part casefolded, and the domain
    as A-labels (RFC 5890), so that two domains never share a key. Mail goes to ``mailbox``, which
    is in ASCII.
    """

    key: str
    mailbox: str


class ParseEmail(Protocol):
    """The only judge of e-mail addresses, wherever they are entered, compared or mailed."""

    def __call__(self, text: str) -> EmailAddress:
        """Return the address in ``text``, without surrounding white space. Raises InvalidEmail."""


@dataclass(frozen=True, slots=True)
class NameKeys:
    """The keys by which accounts are found.

    Before ``parse`` decided, an address had the comparison key of any name. Accounts with addresses
    that are no longer valid are still found by it, and servers of the previous release by nothing
    else.
    """

    parse: ParseEmail

    def of_name(self, name: str) -> list[str]:
        """Return the keys under which to look for ``name``, in this order."""
        return [*self._of_email(name), comparison_key(name)]

    def main(self, name: str) -> str:
        """Return the key that all ways to write ``name`` share."""
        return self.of_name(name)[0]

    def of_account(self, account: Account) -> list[str]:
        """Return the keys that no other account may have."""
        if account.is_deleted:
            return []
        names = (account.username, account.email)
        return [self.main(name) for name in names if name is not None]

    def earlier(self, account: Account) -> str | None:
        """Return the key that its valid address had before; another account may have it."""
        if account.email is None or not self._of_email(account.email):
            return None
        return comparison_key(account.email)

    def email_fault(self, email: str) -> str | None:
        """Return what is wrong with ``email``, if anything."""
        try:
            self.parse(email)
        except InvalidEmail as refusal:
            return refusal.detail
        return None

    def is_same_mailbox(self, one: str, other: str) -> bool:
        """Return whether both are valid addresses of one mailbox."""
        keys = self._of_email(one)
        return bool(keys) and keys == self._of_email(other)

    def can_name(self, name: str, account: Account) -> bool:
        """Return whether ``account``, found by a key of ``name``, has that name.

        Some mailboxes shared a key, such as those at faß.example and fass.example. An account that
        a server of the previous release deleted keeps the key of its address.
        """
        if account.is_deleted:
            return False
        keys, own = self._of_email(name), self._of_email(account.email or "")
        return not (keys and own) or keys == own

    def _of_email(self, text: str) -> list[str]:
        if "@" not in text:
            return []
        try:
            return [_EMAIL + self.parse(text).key]
        except InvalidEmail:
            return []
