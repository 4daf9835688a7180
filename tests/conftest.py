"""What all tests share."""

import gc

import pytest

# Failing contract tests show their values as any other test does.
pytest.register_assert_rewrite("tests.contracts")


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Look for no garbage while the tests are collected, and never among them.

    They are thousands, and stay to the end. It took a third of the time of tests without a server.
    """
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
