"""The web server: granian's WSGI interface, several processes of several threads."""

import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from threading import Thread

from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

DRAIN_SECONDS = 30
MAX_CONNECTIONS = 1024  # of each worker; further ones wait in the kernel's queue
_OTHER_FILES = 256
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LOG_CONFIG = {"loggers": {"_granian": {"propagate": True}}}


def serve(
    make_app: Callable[[], Flask],
    host: str,
    port: int,
    workers: int,
    threads: int,
    request_seconds: int,
    announce: Callable[[], None],
) -> None:
    """Serve the application that ``make_app`` builds in each worker, until SIGTERM or SIGINT.

    Requests under way then have ``DRAIN_SECONDS`` to finish. A worker that dies is replaced; if the
    same one dies again within 5.5 s, the server ends with status 1 and its supervisor restarts it.
    A client has ``request_seconds`` to send the head of a request. ``announce`` is called once the
    port is ours. Raises OSError where the address is not available.
    """
    require_free(host, port)
    _allow_open_files(MAX_CONNECTIONS + _OTHER_FILES)
    _hold_signals_while_forking()
    server = Granian(
        make_app.__qualname__,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,  # granian has no time limit for the start of an HTTP/2 connection
        websockets=False,
        workers=workers,
        blocking_threads=threads,
        backpressure=MAX_CONNECTIONS,
        respawn_failed_workers=True,
        http1_settings=HTTP1Settings(header_read_timeout=1000 * request_seconds),
        workers_kill_timeout=DRAIN_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=_LOG_CONFIG,
    )
    server.on_startup(announce)
    # A target given by name would be looked up in the current directory first.
    server.serve(target_loader=partial(_load_app, make_app), wrap_loader=False)


def require_free(host: str, port: int) -> None:
    """Raise OSError where the address is not available.

    Workers share the port (SO_REUSEPORT), and would share it with another server unnoticed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    socket.create_server((host, port), family=family).close()


def _allow_open_files(number: int) -> None:
    """Raise the limit of open files, which is 1,024 on many systems, as far as permitted."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if 0 <= soft < number:
            most = number if hard == resource.RLIM_INFINITY else min(number, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _hold_signals_while_forking() -> None:
    """Start forked workers with signals blocked, as the parent's handlers would swallow them."""
    if sys.platform != "win32":
        os.register_at_fork(
            before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, _STOP_SIGNALS),
            after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, _STOP_SIGNALS),
        )


def _load_app(make_app: Callable[[], Flask]) -> Flask:
    """Build the application in a worker that its parent stops, by SIGTERM or by ending.

    Ctrl-C reaches all processes of a terminal; workers ignore it and wait for their parent.
    """
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    Thread(target=_end_with_parent, daemon=True).start()
    return make_app()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
