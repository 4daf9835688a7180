"""The web server: granian, several processes of several threads."""

import os
import signal
import socket
from collections.abc import Callable

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

_DRAIN_SECONDS = 30
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
    _demand_free(host, port)
    _let_young_workers_stop()
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
        workers_kill_timeout=_DRAIN_SECONDS,
        log_level=LogLevels.warning,
    )
    server.on_startup(announce)
    # Looked up by its name, it would be sought in the current directory first.
    server.serve(target_loader=make_app, wrap_loader=False)


def _demand_free(host: str, port: int) -> None:
    """Workers share the port (SO_REUSEPORT), and would with another server's, unnoticed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    socket.create_server((host, port), family=family).close()


def _let_young_workers_stop() -> None:
    """A worker that was forked this moment has its parent's handlers, which do nothing in it.

    Until it has its own, SIGTERM ends it; of Ctrl-C, which all processes get, its parent tells.
    """

    def in_child() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)

    if hasattr(os, "register_at_fork"):  # elsewhere workers are not forked
        os.register_at_fork(
            before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING),
            after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING),
            after_in_child=in_child,
        )
