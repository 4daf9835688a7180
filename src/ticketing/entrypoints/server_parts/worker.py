"""What each server process begins with: how it is told to stop, and its application."""

import os
import signal
from collections.abc import Callable
from threading import Thread

from flask import Flask

from ticketing.entrypoints.server_parts.front import Front
from ticketing.entrypoints.server_parts.unread import UnreadAnswers

STOPPING = (signal.SIGTERM, signal.SIGINT)
_ANSWER_MAY_TAKE = 6  # times as long as a request


def in_worker(make_app: Callable[[], Flask], port: int, request_seconds: int) -> Front:
    """The application of a worker that is told once to stop, by its parent or by its parent's end.

    Ctrl-C and service managers tell all the processes at once, and granian's workers hang when
    they are told twice in a row.
    """
    if hasattr(signal, "sigtimedwait"):
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        Thread(target=_stop_when_told, args=[os.getppid()], daemon=True).start()
    unread = UnreadAnswers(port, _ANSWER_MAY_TAKE * request_seconds)
    return Front(make_app(), request_seconds, unread)


def _stop_when_told(parent: int) -> None:
    while signal.sigtimedwait([signal.SIGTERM], 1) is None and os.getppid() == parent:
        pass
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    signal.raise_signal(signal.SIGTERM)  # ends us where granian does not listen to it yet
