"""The web server: granian, several processes of several threads, which slow clients don't hold."""

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask
from granian import Granian, loops
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from ticketing.entrypoints.server_parts.loop import RequestLoop
from ticketing.entrypoints.server_parts.worker import STOPPING, in_worker

DRAIN_SECONDS = 30
_CONNECTIONS = 1024  # that a worker has at once; further ones wait until one ends
_OTHER_FILES = 256
_EARLY, _MOST_EARLY_DEATHS = 5.5, 5
_LOGGED_AS_ALL_ELSE = {"loggers": {"_granian": {"propagate": True}}}


def serve(
    make_app: Callable[[], Flask],
    host: str,
    port: int,
    workers: int,
    threads: int,
    request_seconds: int,
    announce: Callable[[], None],
) -> None:
    """Serve what ``make_app`` makes, in each worker anew, until SIGTERM or SIGINT.

    Requests under way are finished then. A worker that dies is replaced. A client has
    ``request_seconds`` to send the head of a request, as many for its body, and six times as many
    to read the answer. ``announce`` is called once the port is ours. Raises OSError where the
    address cannot be had.
    """
    demand_free(host, port)
    _allow_open_files(_CONNECTIONS + _OTHER_FILES)
    _fork_workers()
    _keep_signals_from_young_workers()
    loops.register("auto")(partial(RequestLoop, threads))
    server = Granian(
        make_app.__qualname__,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,  # waiting for HTTP/2 to begin has no time limit
        websockets=False,
        workers=workers,
        backpressure=_CONNECTIONS,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        http1_settings=HTTP1Settings(header_read_timeout=1000 * request_seconds),
        workers_kill_timeout=DRAIN_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGED_AS_ALL_ELSE,
    )
    server.respawned_wrks = Replaced()
    server.main_loop_interrupt = Alarm(server)
    server.on_startup(announce)
    # Looked up by its name, it would be sought in the current directory first.
    loader = partial(in_worker, make_app, port, request_seconds)
    server.serve(target_loader=loader, wrap_loader=False)


def demand_free(host: str, port: int) -> None:
    """Raises OSError where the address cannot be had.

    Workers share the port (SO_REUSEPORT), and would with another server's, unnoticed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    socket.create_server((host, port), family=family).close()


def _allow_open_files(number: int) -> None:
    """As far as we may: many systems allow a process 1,024 unless it asks for more."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if 0 <= soft < number:
            most = number if hard == resource.RLIM_INFINITY else min(number, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _fork_workers() -> None:
    """Also by Python 3.14, which would begin them anew: they would not know our loop."""
    if sys.platform == "linux":  # elsewhere the system's libraries do not survive it
        multiprocessing.set_start_method("fork", force=True)


def _keep_signals_from_young_workers() -> None:
    """Forked workers are born with them blocked, lest their parent's handlers swallow one."""
    if hasattr(os, "register_at_fork"):  # elsewhere workers are not forked
        os.register_at_fork(
            before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING),
            after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING),
        )


class Alarm(threading.Event):
    """What wakes granian.

    Once it has dealt with what woke it, it clears this, and would sleep through what came in the
    meantime: that it is to stop, or that another worker died.
    """

    def __init__(self, server: Any) -> None:
        super().__init__()
        self._server = server

    def clear(self) -> None:
        super().clear()
        if self._server.interrupt_signal or self._server.interrupt_children:
            self.set()


class Replaced(dict[int, float]):
    """When granian replaced which worker.

    It ends everything where one dies for a second time within 5.5 s. Let it pause for a second
    then, and end when workers have died early five times in a row, which is no misfortune.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._pause = pause
        self._early_deaths = 0

    def clear(self) -> None:
        """It would be called whenever any other worker dies."""

    def get(self, worker: int, default: Any = None) -> Any:
        replaced_at = super().get(worker, default)
        if self._clock() - replaced_at > _EARLY:
            self._early_deaths = 0
            return replaced_at
        self._early_deaths += 1
        if self._early_deaths > _MOST_EARLY_DEATHS:
            return replaced_at
        self._pause(1)
        return default
