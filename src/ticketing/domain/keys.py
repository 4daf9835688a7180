"""Keys: what is made from the one secret that an operator keeps.

Every purpose has a key of its own, so that what was signed for one is worth nothing for another,
and whoever learns one key learns neither the secret nor the other keys.
"""

import hashlib
import hmac


def derived_key(secret: str, purpose: str) -> bytes:
    """The key for ``purpose``: 32 bytes, the same on every server that has the same secret.

    ``purpose`` says in a few words what the key is for, and never changes: "failed log-ins",
    "password reset". What an old secret signed is verified with the key derived from that one.
    """
    return hmac.digest(secret.encode(), f"ticketing: {purpose}".encode(), hashlib.sha256)


def key_id(secret: str) -> str:
    """What a token calls the secret that signed it; it tells nothing of the secret itself."""
    return derived_key(secret, "key id").hex()[:16]
