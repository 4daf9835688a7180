"""The secret key that is generated where none is configured."""

import stat
from multiprocessing import get_context

from ticketing.adapters.secret_file import load_or_create_secret


def test_the_key_is_stored_in_a_private_file(tmp_path):
    file = tmp_path / "state" / "secret"

    key = load_or_create_secret(file)

    assert len(key) >= 32
    assert load_or_create_secret(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == ["secret"]


def test_concurrent_processes_get_the_same_key(tmp_path):
    files = [tmp_path / str(number) for number in range(25)]

    with get_context("fork").Pool(6) as pool:
        keys = pool.map(
            load_or_create_secret, [file for file in files for _ in range(6)], chunksize=1
        )

    for first in range(0, len(keys), 6):
        assert len(set(keys[first : first + 6])) == 1
        assert len(keys[first]) >= 32
