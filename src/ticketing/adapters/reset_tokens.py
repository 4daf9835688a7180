"""Signed tokens for password reset links."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.errors import ResetTokenInvalid
from ticketing.domain.accounts.ports import RESET_TOKEN_LIFETIME

_MAX_LENGTH = 200
_SIGNER = {"key_derivation": "hmac", "digest_method": hashlib.sha256}


class SignedResetTokens:
    """The ``ResetTokens`` port. The first of the ``keys`` signs, all of them verify.

    The account's password hash is the salt of the signature, so nothing has to be stored for a
    token to be good only once.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = keys[::-1]  # itsdangerous signs with the last

    def issue(self, account: Account, now: datetime) -> str:
        expires_at = int((now + RESET_TOKEN_LIFETIME).timestamp())
        token = self._serializer(account.password_hash).dumps([account.id, expires_at])
        return token if isinstance(token, str) else token.decode()

    def owner(self, token: str) -> AccountId:
        if len(token) <= _MAX_LENGTH and token.isascii():
            match self._serializer("").loads_unsafe(token)[1]:
                case [int(account_id), int()]:
                    return AccountId(account_id)
        raise ResetTokenInvalid()

    def check(self, token: str, account: Account, now: datetime) -> None:
        try:
            account_id, expires_at = self._serializer(account.password_hash).loads(token)
        except BadData:
            raise ResetTokenInvalid() from None
        if account_id != account.id or now.timestamp() >= expires_at:
            raise ResetTokenInvalid()

    def _serializer(self, salt: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._keys, salt=salt, signer_kwargs=_SIGNER)
