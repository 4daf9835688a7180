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
_READ = struct.Struct("120xQ")  # tcpi_bytes_acked in <linux/tcp.h>: struct tcp_info


class UnreadAnswers:
    """Those of the server at ``port``, as far as they are this process's.

    The kernel tells what a client has not taken yet; only Linux does.
    """

    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._seconds = seconds
        self._behind: dict[int, tuple[int, float]] = {}

    def end_old_ones(self) -> None:
        """Hang up where what was unread at a call is not all read so many seconds later.

        On a line that is busy, or long, there is something unread at each call.
        """
        now = monotonic()
        behind = {}
        for line in self._connections():
            if unread := _unread_bytes(line):
                inode, read = os.fstat(line.fileno()).st_ino, _read_bytes(line)
                sent, since = self._behind.get(inode, (0, now))
                if read >= sent:
                    sent, since = read + unread, now
                behind[inode] = sent, since
                if now - since > self._seconds:
                    _hang_up(line)
        self._behind = behind

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


def _read_bytes(line: socket.socket) -> int:
    """Since the line is there; 0 where the kernel, before Linux 4.1, does not tell."""
    told = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _READ.size)
    [count] = _READ.unpack(told.ljust(_READ.size, b"\0"))
    return int(count)
