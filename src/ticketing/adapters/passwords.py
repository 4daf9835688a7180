"""Password hashes by Argon2, and the list of common passwords."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files

import argon2

# The second choice of the OWASP Password Storage Cheat Sheet: 19 MiB, two rounds, one lane.
# About 20 ms, a quarter of what the library's default costs.
MEMORY_KIB, ROUNDS, LANES = 19_456, 2, 1


class Argon2Hasher:
    """The ``PasswordHasher`` port.

    A process hashes one password at a time: each takes 19 MiB, and several at once would only share
    the processor. Hashing runs in one thread, because a thread keeps the memory that it has used.
    """

    def __init__(self) -> None:
        self._hasher = argon2.PasswordHasher(ROUNDS, MEMORY_KIB, LANES)
        self._thread = ThreadPoolExecutor(1, "passwords")
        self._dummy_hash = self.hash("dummy")

    def hash(self, password: str) -> str:
        return self._thread.submit(self._hasher.hash, _bytes(password)).result()

    def verify(self, password: str, password_hash: str | None) -> bool:
        """Treat hashes of another format, such as an empty one, like None."""
        known = password_hash if (password_hash or "").startswith("$argon2") else None
        tried = known or self._dummy_hash
        try:
            self._thread.submit(self._hasher.verify, tried, _bytes(password)).result()
        except argon2.exceptions.VerifyMismatchError:
            return False
        return known is not None


def _bytes(password: str) -> bytes:
    """Encode any text, also lone surrogates: every attempt is hashed, to take the same time."""
    return password.encode("utf-8", "surrogatepass")


@cache
def common_passwords() -> frozenset[str]:
    """Return the common passwords, in lower case; the file names its source."""
    lines = files(__package__).joinpath("common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
