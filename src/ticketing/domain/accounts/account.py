"""An account: somebody who can log in, and what they may do."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from ticketing.domain.errors import Forbidden, refuse_faults
from ticketing.domain.text import comparison_key, is_wellformed, text_fault

AccountId = NewType("AccountId", int)

LONGEST_PASSWORD = 128
LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1; usernames are shorter

_USERNAME = re.compile(r"[A-Za-z0-9._-]{3,150}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*")


class Role(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"
    ADMIN = "admin"


def username_fault(username: str) -> str | None:
    """What is wrong with ``username``, if anything. It never looks like an e-mail address."""
    if _USERNAME.fullmatch(username):
        return None
    return "3 to 150 ASCII letters, digits, dots, underscores and hyphens are wanted."


def email_fault(email: str) -> str | None:
    """What is wrong with ``email`` at a glance, if anything; only a mail would tell for sure."""
    if fault := text_fault(email, longest=LONGEST_EMAIL):
        return fault
    return None if _EMAIL.fullmatch(email.strip()) else "This is not an e-mail address."


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """What a new password has to be: long enough, not widely known, not the username."""

    shortest: int = 8
    common: frozenset[str] = frozenset()

    def fault(self, password: str, username: str) -> str | None:
        """What is wrong with ``password`` for ``username``, if anything."""
        if len(password) < self.shortest:
            return f"At least {self.shortest} characters are wanted."
        if len(password) > LONGEST_PASSWORD:
            return f"At most {LONGEST_PASSWORD} characters are wanted."
        if not is_wellformed(password):
            return "Control characters and lone surrogates are not allowed."
        if password.casefold() in self.common:
            return "This password is too common."
        if password.casefold() == username.casefold():
            return "The password must not be the username."
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account: a person's, or a customer's of the rehearsal that ``rehearsal`` names.

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
    def keys(self) -> tuple[str, ...]:
        """The names it logs in with, as they are compared. All accounts share one name space:
        an address contains an @, a username cannot."""
        names = () if self.is_deleted else (self.username, self.email)
        return tuple(comparison_key(name) for name in names if name is not None)

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


def check_sign_up(username: str, password: str, email: str | None, rules: PasswordRules) -> None:
    """Raise InvalidFields that names every field which cannot make an account."""
    refuse_faults(
        username=username_fault(username),
        password=rules.fault(password, username),
        email=None if email is None else email_fault(email),
    )


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an account and the role that its access token vouches for."""

    account_id: AccountId
    role: Role

    @property
    def is_staff(self) -> bool:
        return self.role in (Role.STAFF, Role.ADMIN)

    def require_staff(self) -> None:
        """Raises Forbidden unless staff or admin."""
        if not self.is_staff:
            raise Forbidden("This is for the cinema's staff.")

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    def require_admin(self) -> None:
        """Raises Forbidden unless admin."""
        if not self.is_admin:
            raise Forbidden("This is for admins.")

    def require_own(self, owner: AccountId) -> None:
        """Raises Forbidden unless ``owner`` or staff."""
        if self.account_id != owner and not self.is_staff:
            raise Forbidden("This belongs to somebody else.")
