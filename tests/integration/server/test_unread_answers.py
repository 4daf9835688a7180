"""Connections whose clients do not read what the kernel keeps for them."""

import socket
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from ticketing.entrypoints.server_parts.unread import UnreadAnswers

Line = tuple[socket.socket, socket.socket]
"""The server's end, and that of a client."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is unread")


@pytest.fixture
def line() -> Iterator[Line]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = socket.create_connection(listening.getsockname())
        served, _ = listening.accept()
        with client, served:
            yield served, client


def of(line: Line) -> UnreadAnswers:
    return UnreadAnswers(line[0].getsockname()[1], seconds=0)


def test_who_has_not_read_for_long_is_hung_up_on(line):
    unread = of(line)
    fill(line[0])

    unread.end_old_ones()
    unread.end_old_ones()

    with pytest.raises(BrokenPipeError):
        line[0].send(b"no more")


def test_who_has_not_read_for_a_moment_is_not(line):
    unread = of(line)
    fill(line[0])

    unread.end_old_ones()

    assert sent_and_received(line)


def test_who_has_read_all_in_between_is_not(line):
    unread = of(line)
    for _ in range(3):
        fill(line[0])
        unread.end_old_ones()
        empty(line[1])
        unread.end_old_ones()

    assert sent_and_received(line)


def test_who_reads_all_the_time_is_not_although_there_is_always_more(line):
    unread = of(line)
    for _ in range(3):
        fill(line[0])
        unread.end_old_ones()
        empty(line[1])

    assert sent_and_received(line)


def test_who_reads_a_little_of_it_is(line):
    unread = of(line)
    fill(line[0])

    unread.end_old_ones()
    line[1].recv(1000)
    unread.end_old_ones()

    with pytest.raises(BrokenPipeError):
        line[0].send(b"no more")


def test_where_the_kernel_does_not_tell_what_was_read_who_always_lags_behind_is(line, monkeypatch):
    monkeypatch.setattr(socket.socket, "getsockopt", lambda *asked: bytes(104))
    unread = of(line)
    fill(line[0])

    unread.end_old_ones()
    unread.end_old_ones()

    with pytest.raises(BrokenPipeError):
        line[0].send(b"no more")


def test_who_is_not_a_client_of_this_server_is_not(line):
    of_another = UnreadAnswers(1, seconds=0)
    fill(line[0])

    for _ in range(3):
        of_another.end_old_ones()

    assert sent_and_received(line)


def fill(served: socket.socket) -> None:
    """Send as much as fits in where nobody reads."""
    served.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            served.send(bytes(2**16))


def empty(client: socket.socket) -> None:
    client.settimeout(0.2)
    with suppress(TimeoutError):
        while client.recv(2**20):
            pass


def sent_and_received(line: Line) -> bool:
    empty(line[1])
    line[0].send(b"more")
    return line[1].recv(4) == b"more"
