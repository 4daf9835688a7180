"""Failing contract tests shall show their values as any other test does."""

import pytest

pytest.register_assert_rewrite("tests.contracts")
