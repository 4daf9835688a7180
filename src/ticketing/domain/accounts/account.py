"""Accounts, their roles, and the rules for usernames and e-mail addresses."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from ticketing.domain.errors import Forbidden

AccountId = NewType("AccountId", int)

MAX_EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1; usernames are shorter

_USERNAME = re.compile(r"[A-Za-z0-9._-]{3,150}")


class Role(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"
    ADMIN = "admin"


def username_fault(username: str) -> str | None:
    """Return what is wrong with ``username``, if anything. A username contains no @."""
    if _USERNAME.fullmatch(username):
        return None
    return "Use 3 to 150 ASCII letters, digits, dots, underscores and hyphens."


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of a user, or of a customer of the rehearsal that ``rehearsal`` names.

    ``id`` is 0 until the store assigns one.
    """

    id: AccountId = AccountId(0)
    username: str
    email: str | None = None
    password_hash: str = field(default="", repr=False)
    role: Role = Role.CUSTOMER
    created_at: datetime
    deleted_at: datetime | None = None
    rehearsal: str | None = None

    @property
    def has_password(self) -> bool:
        """Whether its owner can log in and reset the password."""
        return not (self.is_deleted or self.is_rehearsal)

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def is_rehearsal(self) -> bool:
        """Whether it belongs to a customer of a rehearsal."""
        return self.rehearsal is not None

    def deleted(self, at: datetime) -> "Account":
        """Return what is left of it for its bookings to refer to, under an impossible username."""
        return replace(
            self,
            username=f"deleted #{self.id}",
            email=None,
            password_hash="",
            role=Role.CUSTOMER,
            deleted_at=at,
        )


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller: an account with the role that its access token carries."""

    account_id: AccountId
    role: Role

    @property
    def is_staff(self) -> bool:
        return self.role in (Role.STAFF, Role.ADMIN)

    def require_staff(self) -> None:
        """Raise Forbidden unless the caller is staff or admin."""
        if not self.is_staff:
            raise Forbidden("This is for the cinema's staff.")

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    def require_admin(self) -> None:
        """Raise Forbidden unless the caller is an admin."""
        if not self.is_admin:
            raise Forbidden("This is for admins.")

    def require_owner(self, owner: AccountId) -> None:
        """Raise Forbidden unless the caller is ``owner``; not even staff may act for others."""
        if self.account_id != owner:
            raise Forbidden("This belongs to another account.")

    def require_own(self, owner: AccountId) -> None:
        """Raise Forbidden unless the caller is ``owner`` or staff."""
        if self.account_id != owner and not self.is_staff:
            raise Forbidden("This belongs to another account.")
