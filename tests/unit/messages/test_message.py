"""When a message is attempted."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.builders import NOW, a_reset_message, an_offer_message

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def attempts(message):
    """Return the times of all attempts of a message that is never sent, and the last state."""
    times = []
    while message.failed_at is None:
        now = message.next_attempt_at
        message = message.attempted(now)
        times.append(now)
    return times, message


def test_attempts_repeat_with_growing_pauses_for_a_day():
    times, failed = attempts(an_offer_message())

    pauses = [after - before for before, after in pairwise(times)]
    assert pauses[:4] == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
    assert pauses[:9] == sorted(pauses[:9])
    assert times[-2] == NOW + DAY
    assert times[-1] == failed.failed_at == NOW + DAY + MINUTE
    assert failed.attempts == len(times) - 1 == 12


def test_an_attempt_keeps_what_the_message_is_about():
    message = an_offer_message()

    attempt = message.attempted(NOW)
    assert replace(attempt, attempts=0, next_attempt_at=NOW) == message


def test_no_other_sender_takes_a_message_during_the_last_attempt():
    message = a_reset_message(attempts=7, next_attempt_at=NOW)
    almost = NOW + DAY - timedelta(seconds=1)

    attempt = message.attempted(almost)
    assert (attempt.failed_at, attempt.next_attempt_at) == (None, almost + MINUTE)
    assert attempt.attempted(attempt.next_attempt_at).failed_at == attempt.next_attempt_at


def test_an_attempt_that_no_server_made_in_time_is_made_later():
    due_before = a_reset_message(attempts=1, next_attempt_at=NOW + MINUTE)

    attempt = due_before.attempted(NOW + 2 * DAY)
    assert (attempt.attempts, attempt.failed_at) == (2, None)
    assert attempt.attempted(attempt.next_attempt_at).failed_at == attempt.next_attempt_at


@pytest.mark.parametrize("late", [DAY, 9 * DAY])
def test_a_message_is_attempted_once_though_all_servers_were_down_for_days(late):
    attempt = a_reset_message().attempted(NOW + late)

    assert (attempt.attempts, attempt.failed_at) == (1, None)
    assert attempt.next_attempt_at == NOW + late + MINUTE
    assert attempt.attempted(attempt.next_attempt_at).failed_at
