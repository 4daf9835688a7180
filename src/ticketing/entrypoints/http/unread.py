"""Answers that clients do not read. Granian waits for such clients as long as they like."""

import os
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

_AT_ONCE = struct.pack("ii", 1, 0)  # what is unread is thrown away: socket(7), SO_LINGER


class UnreadAnswers:
    """Those of the server at ``port``, as far as they are this process's.

    The kernel tells what a client has not taken yet; only Linux does.
    """

    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._seconds = seconds
        self._since: dict[int, float] = {}

    def end_old_ones(self) -> None:
        """Hang up where something was unread at each call for so many seconds."""
        now = monotonic()
        unread = {}
        for line in self._connections():
            if _unread_bytes(line):
                inode = os.fstat(line.fileno()).st_ino
                unread[inode] = since = self._since.get(inode, now)
                if now - since > self._seconds:
                    _hang_up(line)
        self._since = unread

    def _connections(self) -> Iterator[socket.socket]:
        """Each as a duplicate, which is good until the next is asked for."""
        for file in Path("/proc/self/fd").glob("*"):
            with suppress(OSError):  # it is closed by now
                number = int(file.name)
                if not stat.S_ISSOCK(os.fstat(number).st_mode):
                    continue
                with socket.socket(fileno=os.dup(number)) as line:
                    if line.family in (socket.AF_INET, socket.AF_INET6) and (
                        line.getsockname()[1] == self._port
                    ):
                        yield line


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):  # the client was faster
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        line.shutdown(socket.SHUT_RDWR)


def _unread_bytes(line: socket.socket) -> int:
    import termios  # Windows has none
    from fcntl import ioctl

    try:
        [count] = struct.unpack("i", ioctl(line, termios.TIOCOUTQ, bytes(4)))
    except OSError:  # it listens
        return 0
    return int(count)
