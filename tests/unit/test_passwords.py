"""Hashing passwords."""

from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest

from ticketing.adapters.passwords import Argon2Hasher


@pytest.fixture(scope="module")
def hasher():
    return Argon2Hasher()


def test_a_password_is_verified_by_its_hash(hasher):
    known = hasher.hash("a strong horse")

    assert hasher.verify("a strong horse", known)
    assert not hasher.verify("a weak horse", known)
    assert not hasher.verify("any password", None)


def test_a_process_hashes_one_at_a_time(hasher, monkeypatch):
    busy, most = [], [0]

    def counted(name):
        really = getattr(argon2.PasswordHasher, name)

        def count(*given):
            busy.append(name)
            most[0] = max(most[0], len(busy))
            try:
                return really(*given)
            finally:
                busy.pop()

        monkeypatch.setattr(argon2.PasswordHasher, name, count)

    known = hasher.hash("a strong horse")
    counted("hash")
    counted("verify")
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            pool.submit(hasher.hash, "a strong horse")
            pool.submit(hasher.verify, "a strong horse", known)
            pool.submit(hasher.verify, "a weak horse", known)
            pool.submit(hasher.verify, "a weak horse", None)
    assert most == [1]
