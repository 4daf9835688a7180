"""Throttling of guesses."""

from contextlib import ExitStack
from datetime import timedelta

import pytest

from tests.builders import ADDRESS, NOW
from ticketing.adapters.email_addresses import NAME_KEYS
from ticketing.adapters.memory import MemoryTransactions
from ticketing.domain.accounts.errors import BadCredentials, TooManyAttempts
from ticketing.domain.accounts.throttle import (
    LOG_INS,
    Throttle,
    clear_attempts,
    network_of,
    purge_old_attempts,
)
from ticketing.domain.errors import Busy, OutcomeUnknown, Overloaded

ELSEWHERE = "198.51.100.7"


@pytest.fixture
def throttle(transactions):
    return Throttle(transactions, LOG_INS, b"a key")


def fails(throttle, times, name="maria", address=ADDRESS):
    for _ in range(times):
        with pytest.raises(BadCredentials), throttle.attempt(name, address):
            raise BadCredentials()


def refused(throttle, name="maria", address=ADDRESS):
    """Return for how many seconds an attempt is refused, or None."""
    try:
        fails(throttle, 1, name, address)
    except TooManyAttempts as refusal:
        return refusal.facts["retry_after"]
    return None


def test_ten_attempts_pass_and_the_eleventh_waits(throttle):
    fails(throttle, 10)

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
    fails(throttle, 10)
    clock.advance(**later)

    assert refused(throttle) == wait


def test_attempts_while_waiting_do_not_prolong_it(throttle, clock):
    fails(throttle, 10)
    for _ in range(14):
        clock.advance(minutes=1)
        assert refused(throttle)
    clock.advance(minutes=1)

    fails(throttle, 10)
    assert refused(throttle) == 900


def test_attempts_are_counted_per_name_and_network(throttle):
    fails(throttle, 11 - 1)

    assert refused(throttle)
    assert refused(throttle, "otto") is None
    assert refused(throttle, address=ELSEWHERE) is None


def test_all_ways_to_write_an_address_share_a_count(transactions):
    throttle = Throttle(transactions, LOG_INS, b"a key", NAME_KEYS.main)
    fails(throttle, 4, "x@例え.jp")
    fails(throttle, 3, "X@xn--r8jz45g.jp")
    fails(throttle, 3, "x@例え。jp")

    assert refused(throttle, "x@例え.jp")
    assert refused(throttle, "x@example.jp") is None


@pytest.mark.parametrize("name", ["MARIA", " maria ", "\uff2d\uff21\uff32\uff29\uff21"])
def test_names_are_counted_regardless_of_form(throttle, name):
    fails(throttle, 10)

    assert refused(throttle, name)


@pytest.mark.parametrize("name", ["", "\ud800", "\x00", "\u0301\u0316" * 40_000])
def test_any_text_is_counted(throttle, name):
    fails(throttle, 10, name)

    assert refused(throttle, name)


def test_names_longer_than_any_account_name_share_a_count(throttle):
    fails(throttle, 10, "m" * 300)

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


def succeed(throttle, transactions):
    with throttle.attempt("maria", ADDRESS) as reserved:
        transactions(lambda uow: clear_attempts(uow, reserved))


def test_success_clears_the_failures(throttle, transactions):
    fails(throttle, 9)
    succeed(throttle, transactions)

    fails(throttle, 10)
    assert refused(throttle)


def test_unfinished_attempts_are_no_failures(throttle, transactions):
    """So right passwords are never refused for a quarter of an hour."""
    with ExitStack() as unfinished:
        for _ in range(10):
            unfinished.enter_context(throttle.attempt("maria", ADDRESS))
        with pytest.raises(Overloaded):
            fails(throttle, 1)
        transactions(lambda uow: uow.failed_log_ins.clear(*transactions.state.attempts))
        assert refused(throttle) is None


def test_failures_and_unfinished_attempts_are_ten_at_most(throttle):
    fails(throttle, 9)
    with pytest.raises(BadCredentials), throttle.attempt("maria", ADDRESS):
        with pytest.raises(Overloaded):
            fails(throttle, 1)
        raise BadCredentials()
    assert refused(throttle) == 900


def test_attempts_of_a_dead_process_count_for_a_minute(throttle, clock):
    for _ in range(10):
        throttle.attempt("maria", ADDRESS).__enter__()
    clock.advance(seconds=59)
    with pytest.raises(Overloaded):
        fails(throttle, 1)
    clock.advance(seconds=1)
    fails(throttle, 10)
    assert refused(throttle)


def busy(_work):
    raise Busy()


def test_a_busy_store_clears_the_failures(throttle):
    fails(throttle, 9)
    with pytest.raises(Busy), throttle.attempt("maria", ADDRESS):
        raise Busy()

    fails(throttle, 10)


def test_attempts_of_an_unknown_outcome_are_not_cleared_again(throttle, transactions):
    """If the commit succeeded, that would take the reservation of another attempt."""
    with ExitStack() as unfinished:
        for _ in range(9):
            unfinished.enter_context(throttle.attempt("maria", ADDRESS))
        with pytest.raises(OutcomeUnknown), throttle.attempt("maria", ADDRESS) as reserved:
            transactions(lambda uow: clear_attempts(uow, reserved))
            raise OutcomeUnknown()
        with throttle.attempt("maria", ADDRESS), pytest.raises(Overloaded):
            fails(throttle, 1)


def test_the_first_busy_error_is_raised(transactions):
    throttle = Throttle(OnlyOnce(transactions), LOG_INS, b"a key")
    with pytest.raises(Busy, match="first"), throttle.attempt("maria", ADDRESS):
        raise Busy("The first time.")


def test_a_failure_that_cannot_be_stored_is_not_revealed(transactions):
    throttle = Throttle(OnlyOnce(transactions), LOG_INS, b"a key")
    with pytest.raises(Busy), throttle.attempt("maria", ADDRESS):
        raise BadCredentials()


class OnlyOnce:
    """Transactions of a store that is busy after the first one."""

    def __init__(self, transactions):
        self._transactions = [transactions]

    def __call__(self, work):
        return (self._transactions.pop() if self._transactions else busy)(work)


def test_what_is_counted_is_limited_whether_or_not_it_succeeds(throttle):
    for _ in range(10):
        throttle.count("maria", ADDRESS)
    with pytest.raises(TooManyAttempts):
        throttle.count("maria", ADDRESS)


def test_the_stored_keys_hide_name_and_address(throttle, transactions):
    throttle.count("maria", ADDRESS)
    Throttle(transactions, LOG_INS, b"another key").count("maria", ADDRESS)

    kept = list(transactions.state.attempts)
    assert len(set(kept)) == 2
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in kept)


def test_without_a_key_nothing_is_counted(transactions):
    free = Throttle(transactions, LOG_INS, key=None)
    fails(free, 20)
    free.count("maria", ADDRESS)
    succeed(free, transactions)

    assert transactions.state.attempts == {}


def test_only_old_counts_are_purged(clock):
    transactions = MemoryTransactions(clock)
    throttle = Throttle(transactions, LOG_INS, b"a key")
    throttle.count("maria", ADDRESS)
    clock.advance(minutes=30)
    throttle.count("otto", ADDRESS)
    clock.advance(minutes=30, seconds=1)
    purge_old_attempts(transactions)

    [(kept, _)] = transactions.state.attempts.values()
    assert kept.since == NOW + timedelta(minutes=30)
