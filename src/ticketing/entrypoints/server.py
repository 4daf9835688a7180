"""The web servers, with public options of granian.

The box office has its WSGI interface, in several processes of several threads; the streams of seat
maps have its ASGI interface, in one process.
"""

import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from functools import partial
from multiprocessing.connection import Connection, wait
from threading import Thread, Timer
from typing import Any, Protocol

from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

HANG_UP_SECONDS = 2.0  # after SIGTERM, in which each response ends its connection
DRAIN_SECONDS = 30  # thereafter, for requests under way
MAX_CONNECTIONS = 1024  # of each worker; further ones wait in the kernel's queue
MAX_HEAD_BYTES = 32 * 1024
"""As many as nginx takes by default. Checked after each read, so up to twice as many may pass."""

_OTHER_CONNECTIONS = 256  # beside streams
_OTHER_FILES = 256
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LOG_CONFIG = {"loggers": {"_granian": {"propagate": True}}}


class Drainable(Protocol):
    """An application that ends its connections soon, once ``drain`` is called from a thread."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    def drain(self) -> None: ...


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

    On SIGTERM, the clients of kept connections get ``HANG_UP_SECONDS`` to leave with their next
    response. Requests under way then have ``DRAIN_SECONDS`` to finish. A worker that dies is
    replaced; if the same one dies again within 5.5 s, the server ends with status 1 and its
    supervisor restarts it.
    A client has ``request_seconds`` to send the head of a request. ``announce`` is called once the
    port is ours. Raises OSError where the address is not available.
    """
    make = partial(_KeptConnections.around, make_app)
    of_wsgi = {"interface": Interfaces.WSGI, "workers": workers, "blocking_threads": threads}
    _serve(make, host, port, MAX_CONNECTIONS, request_seconds, announce, **of_wsgi)


def serve_streams(
    make_app: Callable[[], Drainable],
    host: str,
    port: int,
    max_streams: int,
    request_seconds: int,
    announce: Callable[[], None],
) -> None:
    """Serve the ASGI application that ``make_app`` builds, in one process, as ``serve`` does.

    On SIGTERM, it is to end its streams within ``HANG_UP_SECONDS``.
    """
    connections = max_streams + _OTHER_CONNECTIONS
    of_asgi = {"interface": Interfaces.ASGINL}
    _serve(make_app, host, port, connections, request_seconds, announce, **of_asgi)


def _serve(
    make_app: Callable[[], Drainable],
    host: str,
    port: int,
    connections: int,
    request_seconds: int,
    announce: Callable[[], None],
    **of_interface: Any,
) -> None:
    require_free(host, port)
    _allow_open_files(connections + _OTHER_FILES)
    _hold_signals_while_forking()
    server = Granian(
        "ticketing",
        address=host,
        port=port,
        http=HTTPModes.http1,  # granian has no time limit for the start of an HTTP/2 connection
        websockets=False,
        backpressure=connections,
        respawn_failed_workers=True,
        http1_settings=HTTP1Settings(
            header_read_timeout=1000 * request_seconds, max_buffer_size=MAX_HEAD_BYTES
        ),
        workers_kill_timeout=DRAIN_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=_LOG_CONFIG,
        **of_interface,
    )
    is_draining, drain = multiprocessing.Pipe(duplex=False)
    server.on_startup(partial(_drain_on_sigterm, drain))
    server.on_startup(announce)
    # A target given by name would be looked up in the current directory first.
    server.serve(target_loader=partial(_load_app, make_app, is_draining), wrap_loader=False)


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


def _drain_on_sigterm(drain: Connection) -> None:
    """Have the first SIGTERM announce the stop to the workers, and stop ``HANG_UP_SECONDS`` later.

    A second one stops at once, as SIGINT does. Called when granian has set its handlers.
    """
    stop = signal.getsignal(signal.SIGTERM)

    def announce_stop(*_: object) -> None:
        signal.signal(signal.SIGTERM, stop)
        drain.send(None)
        timer = Timer(HANG_UP_SECONDS, os.kill, (os.getpid(), signal.SIGTERM))
        timer.daemon = True
        timer.start()

    signal.signal(signal.SIGTERM, announce_stop)


class _KeptConnections:
    """WSGI middleware that ends each connection with its next response while the server drains.

    A connection that is closed between two requests may lose the one that its client just sends.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._is_draining = False

    @classmethod
    def around(cls, make_app: Callable[[], Flask]) -> "_KeptConnections":
        return cls(make_app())

    def drain(self) -> None:
        self._is_draining = True

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not self._is_draining:
            return self._app(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *error)

        return self._app(environ, start)


def _load_app(make_app: Callable[[], Drainable], is_draining: Connection) -> Drainable:
    """Build the application in a worker that its parent stops, by SIGTERM or by ending.

    The worker leaves the process group, so that signals to the group, such as Ctrl-C, do not stop
    it before its parent does.
    """
    if sys.platform != "win32":
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
    app = make_app()
    Thread(target=_follow_parent, args=(app, is_draining), daemon=True).start()
    return app


def _follow_parent(app: Drainable, is_draining: Connection) -> None:
    if parent := multiprocessing.parent_process():
        if is_draining in wait([parent.sentinel, is_draining]):
            app.drain()
            parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
