"""What a mail to somebody who forgot their password carries.

A token vouches for the password hash that the account had when it was made. So it is good for one
use, any other change of the password voids it, and nothing of it is stored.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.errors import ResetTokenInvalid

LIFETIME = timedelta(minutes=30)
_LONGEST = 150
_LARGEST_ID = 2**63 - 1


class ResetTokens:
    """``keys`` are for nothing else; the first one signs, all of them verify."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = keys

    def issue(self, account: Account, now: datetime) -> str:
        """A token for the account as it is now. It may stand in a URL as it is."""
        expires_at = int((now + LIFETIME).timestamp())
        return f"{account.id}.{expires_at}.{_signature(self._keys[0], account, expires_at)}"

    def owner(self, token: str) -> AccountId:
        """Whose it claims to be. Raises ResetTokenInvalid."""
        return _read(token)[0]

    def check(self, token: str, account: Account, now: datetime) -> None:
        """Raises ResetTokenInvalid unless it was made for the account as it is, not long ago."""
        account_id, expires_at, signature = _read(token)
        genuine = [
            hmac.compare_digest(signature, _signature(key, account, expires_at))
            for key in self._keys
        ]
        in_time = now.timestamp() < expires_at
        if not (any(genuine) and in_time and account_id == account.id and account.has_password):
            raise ResetTokenInvalid()


def _read(token: str) -> tuple[AccountId, int, str]:
    parts = token.split(".") if len(token) <= _LONGEST and token.isascii() else ()
    if len(parts) != 3 or not (parts[0].isdigit() and parts[1].isdigit()):
        raise ResetTokenInvalid()
    if int(parts[0]) > _LARGEST_ID:
        raise ResetTokenInvalid()
    return AccountId(int(parts[0])), int(parts[1]), parts[2]


def _signature(key: bytes, account: Account, expires_at: int) -> str:
    vouched = f"{account.id}.{expires_at}.{account.password_hash}".encode()
    return base64.urlsafe_b64encode(hmac.digest(key, vouched, hashlib.sha256)).decode().rstrip("=")
