"""The rules for passwords, and how they are hashed and verified."""

from dataclasses import dataclass
from typing import Protocol

from ticketing.domain.text import is_wellformed

MAX_PASSWORD_LENGTH = 128


class PasswordHasher(Protocol):
    """Slow on purpose, so never called inside a transaction."""

    def hash(self, password: str) -> str:
        """Return a salted hash."""

    def verify(self, password: str, password_hash: str | None) -> bool:
        """Return whether the password matches. None takes as long and never matches."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """New passwords are long enough, not ``common``, and not the username."""

    hasher: PasswordHasher
    min_length: int = 8
    common: frozenset[str] = frozenset()

    def fault(self, password: str, username: str) -> str | None:
        """Return what is wrong with ``password`` for ``username``, if anything."""
        if len(password) < self.min_length:
            return f"Use at least {self.min_length} characters."
        if len(password) > MAX_PASSWORD_LENGTH:
            return f"Use at most {MAX_PASSWORD_LENGTH} characters."
        if not is_wellformed(password):
            return "Control characters and lone surrogates are not allowed."
        if password.casefold() in self.common:
            return "This password is too common."
        if password.casefold() == username.casefold():
            return "The password must not be the username."
        return None
