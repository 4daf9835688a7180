"""Passwords: argon2 hashes, and the list of those that everybody tries first."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files

import argon2

# The second choice of the OWASP Password Storage Cheat Sheet: 19 MiB, two rounds, one lane.
# About 20 ms, a quarter of what the library's default costs.
_MEMORY_KIB, _ROUNDS, _LANES = 19_456, 2, 1


class Argon2Hasher:
    """The ``PasswordHasher`` port.

    A process hashes one password at a time, first come, first served: each takes 19 MiB, and
    several at once would only share the processor. They take turns in a thread of their own, for
    the memory that a thread has used stays with it.
    """

    def __init__(self) -> None:
        self._hasher = argon2.PasswordHasher(_ROUNDS, _MEMORY_KIB, _LANES)
        self._thread = ThreadPoolExecutor(1, "passwords")
        self._nobodys = self.hash("nobody")

    def hash(self, password: str) -> str:
        return self._thread.submit(self._hasher.hash, _bytes(password)).result()

    def verify(self, password: str, password_hash: str | None) -> bool:
        """A hash that argon2 did not make, such as a rehearsal's, is as good as none."""
        known = password_hash if (password_hash or "").startswith("$argon2") else None
        tried = known or self._nobodys
        try:
            self._thread.submit(self._hasher.verify, tried, _bytes(password)).result()
        except argon2.exceptions.VerifyMismatchError:
            return False
        return known is not None


def _bytes(password: str) -> bytes:
    """Any text has bytes, lone surrogates too: what was never a password must still be hashed."""
    return password.encode("utf-8", "surrogatepass")


@cache
def common_passwords() -> frozenset[str]:
    """The commonly used passwords; the file says where they come from."""
    lines = files(__package__).joinpath("common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
