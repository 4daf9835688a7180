"""What of an HTTP/1.1 answer a load has to know: its status, and where it ends."""

_NO_BODY = (204, 304)  # whatever length they tell of


class AnswerReader:
    """Reads one answer after the other off a connection."""

    __slots__ = ("_head", "_missing", "_status")

    def __init__(self) -> None:
        self._head = b""
        self._missing = 0  # bytes of the body
        self._status = 0

    def read(self, data: bytes) -> int:
        """The status of the answer once ``data`` completes it, until then 0.

        Raises ValueError where it is none, or does not tell its length.
        """
        if self._missing:
            self._missing -= len(data)
        elif not self._begins(self._head + data):
            return 0
        if self._missing < 0:
            raise ValueError("An answer is longer than it says.")
        return 0 if self._missing else self._status

    def _begins(self, data: bytes) -> bool:
        """Whether the head of the answer is there; then it is read."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._head = data
            return False
        self._head = b""
        self._status = int(data[9:12])
        length = 0 if self._status in _NO_BODY else _length(data[: end + 2])
        self._missing = end + 4 + length - len(data)
        return True


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    if not found:
        raise ValueError(f"An answer does not tell its length: {head!r}")
    return int(rest[: rest.index(b"\r\n")])
