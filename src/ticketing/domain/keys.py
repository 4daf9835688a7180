"""Keys, derived from the operator's one secret.

Each purpose has its own key: a signature for one is invalid for another, and a leaked key reveals
neither the secret nor the other keys.
"""

import hashlib
import hmac


def derived_key(secret: str, purpose: str) -> bytes:
    """Return the key for ``purpose``: 32 bytes, the same on every server with the same secret.

    ``purpose`` is a short text that never changes, such as "failed log-ins" or "password reset".
    A signature made with an old secret is verified with the key derived from that secret.
    """
    return hmac.digest(secret.encode(), f"ticketing: {purpose}".encode(), hashlib.sha256)


def key_id(secret: str) -> str:
    """Return the id by which a token names its signing secret, without revealing the secret."""
    return derived_key(secret, "key id").hex()[:16]
