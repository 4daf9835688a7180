"""The web server: granian, several processes of several threads."""

import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from threading import Thread

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

_DRAIN_SECONDS = 30
_HEADER_SECONDS = 10  # for a client to send what comes before the body
_STOPPING = (signal.SIGTERM, signal.SIGINT)


def serve(
    make_app: Callable[[], Flask],
    host: str,
    port: int,
    workers: int,
    threads: int,
    announce: Callable[[], None],
) -> None:
    """Serve what ``make_app`` makes, in each worker anew, until SIGTERM or SIGINT.

    Requests under way are finished then. A worker that dies is replaced. ``announce`` is called
    once the port is ours. Raises OSError where the address cannot be had.
    """
    demand_free(host, port)
    _keep_signals_from_young_workers()
    server = Granian(
        make_app.__qualname__,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backpressure=1024,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        http1_settings=HTTP1Settings(header_read_timeout=1000 * _HEADER_SECONDS),
        workers_kill_timeout=_DRAIN_SECONDS,
        log_level=LogLevels.error,
    )
    server.on_startup(announce)
    # Looked up by its name, it would be sought in the current directory first.
    server.serve(target_loader=partial(_in_worker, make_app), wrap_loader=False)


def demand_free(host: str, port: int) -> None:
    """Raises OSError where the address cannot be had.

    Workers share the port (SO_REUSEPORT), and would with another server's, unnoticed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    socket.create_server((host, port), family=family).close()


def _keep_signals_from_young_workers() -> None:
    """Forked workers are born with them blocked, lest their parent's handlers swallow one."""
    if hasattr(os, "register_at_fork"):  # elsewhere workers are not forked
        os.register_at_fork(
            before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING),
            after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING),
        )


def _in_worker(make_app: Callable[[], Flask]) -> Flask:
    """The application of a worker that is told once to stop, by its parent or by its parent's end.

    Ctrl-C and service managers tell all the processes at once, and granian's workers hang when
    they are told twice in a row.
    """
    if hasattr(signal, "sigtimedwait"):
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        Thread(target=_stop_when_told, args=[os.getppid()], daemon=True).start()
    return make_app()


def _stop_when_told(parent: int) -> None:
    while signal.sigtimedwait([signal.SIGTERM], 1) is None and os.getppid() == parent:
        pass
    stop = signal.getsignal(signal.SIGTERM)
    if not callable(stop):  # granian has not set its own yet: there is nothing to finish
        os._exit(0)
    stop(signal.SIGTERM, None)
