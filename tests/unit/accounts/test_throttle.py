"""Throttling of guesses."""

from datetime import timedelta

import pytest

from tests.builders import ADDRESS, NOW
from ticketing.adapters.memory import MemoryTransactions
from ticketing.domain.accounts.errors import BadCredentials, TooManyAttempts
from ticketing.domain.accounts.throttle import (
    LOG_INS,
    Throttle,
    clear_attempts,
    network_of,
    purge_old_attempts,
)
from ticketing.domain.errors import Busy

ELSEWHERE = "198.51.100.7"


@pytest.fixture
def throttle(transactions):
    return Throttle(transactions, LOG_INS, b"a key")


def tries(throttle, times, name="maria", address=ADDRESS):
    return [throttle.count(name, address) for _ in range(times)]


def refused(throttle, name="maria", address=ADDRESS):
    """Return for how many seconds an attempt is refused, or None."""
    try:
        throttle.count(name, address)
    except TooManyAttempts as refusal:
        return refusal.facts["retry_after"]
    return None


def test_ten_attempts_pass_and_the_eleventh_waits(throttle):
    tries(throttle, 10)

    assert refused(throttle) == 900


@pytest.mark.parametrize(
    ("later", "wait"),
    [
        ({"seconds": 1}, 899),
        ({"seconds": 0.5}, 900),
        ({"minutes": 14, "seconds": 59.9}, 1),
        ({"minutes": 15}, None),
    ],
)
def test_the_wait_ends_15_minutes_after_the_first_attempt(throttle, clock, later, wait):
    tries(throttle, 10)
    clock.advance(**later)

    assert refused(throttle) == wait


def test_attempts_while_waiting_do_not_prolong_it(throttle, clock):
    tries(throttle, 10)
    for _ in range(14):
        clock.advance(minutes=1)
        assert refused(throttle)
    clock.advance(minutes=1)

    tries(throttle, 10)
    assert refused(throttle) == 900


def test_attempts_are_counted_per_name_and_network(throttle):
    tries(throttle, 11 - 1)

    assert refused(throttle)
    assert refused(throttle, "otto") is None
    assert refused(throttle, address=ELSEWHERE) is None


@pytest.mark.parametrize("name", ["MARIA", " maria ", "\uff2d\uff21\uff32\uff29\uff21"])
def test_names_are_counted_regardless_of_form(throttle, name):
    tries(throttle, 10)

    assert refused(throttle, name)


@pytest.mark.parametrize("name", ["", "\ud800", "\x00", "\u0301\u0316" * 40_000])
def test_any_text_is_counted(throttle, name):
    tries(throttle, 10, name)

    assert refused(throttle, name)


def test_names_longer_than_any_account_name_share_a_count(throttle):
    tries(throttle, 10, "m" * 300)

    assert refused(throttle, "m" * 301)
    assert refused(throttle, "m" * 254) is None


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:/run/x", "unix:/run/x"),
    ],
)
def test_ipv6_addresses_are_counted_by_network(address, place):
    assert network_of(address) == place


def test_success_clears_the_attempts(throttle, transactions):
    *_, counted = tries(throttle, 10)
    transactions(lambda uow: clear_attempts(uow, counted))

    tries(throttle, 10)
    assert refused(throttle)


def busy(_work):
    raise Busy()


def test_a_busy_store_clears_the_attempts(throttle):
    *_, counted = tries(throttle, 10)
    with pytest.raises(Busy), throttle.clear_if_busy(counted):
        raise Busy()

    assert refused(throttle) is None


def test_other_errors_do_not_clear_the_attempts(throttle):
    *_, counted = tries(throttle, 10)
    with pytest.raises(BadCredentials), throttle.clear_if_busy(counted):
        raise BadCredentials()

    assert refused(throttle)


def test_the_first_busy_error_is_raised():
    with (
        pytest.raises(Busy, match="first"),
        Throttle(busy, LOG_INS, b"a key").clear_if_busy("counted"),
    ):
        raise Busy("The first time.")


def test_without_a_count_nothing_is_cleared():
    def never(_work):
        raise AssertionError

    with pytest.raises(Busy), Throttle(never, LOG_INS, key=None).clear_if_busy(None):
        raise Busy()


def test_the_stored_keys_hide_name_and_address(throttle, transactions):
    throttle.count("maria", ADDRESS)
    Throttle(transactions, LOG_INS, b"another key").count("maria", ADDRESS)

    kept = list(transactions.state.failures)
    assert len(set(kept)) == 2
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in kept)


def test_without_a_key_nothing_is_counted(transactions):
    free = Throttle(transactions, LOG_INS, key=None)
    counted = tries(free, 20)
    transactions(lambda uow: clear_attempts(uow, counted[0]))

    assert transactions.state.failures == {}


def test_only_old_counts_are_purged(clock):
    transactions = MemoryTransactions(clock)
    throttle = Throttle(transactions, LOG_INS, b"a key")
    throttle.count("maria", ADDRESS)
    clock.advance(minutes=30)
    throttle.count("otto", ADDRESS)
    clock.advance(minutes=30, seconds=1)
    purge_old_attempts(transactions)

    [kept] = transactions.state.failures.values()
    assert kept.since == NOW + timedelta(minutes=30)
