"""How passwords are kept: as slow, salted hashes."""

from typing import Protocol


class PasswordHasher(Protocol):
    """Slow on purpose, so never called within a unit of work."""

    def hash(self, password: str) -> str:
        """A salted hash that tells nothing of the password."""

    def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the hash is that of the password. None takes as long, and is never right."""
