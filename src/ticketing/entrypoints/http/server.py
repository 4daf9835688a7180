"""The web server: granian, several processes of several threads."""

from collections.abc import Callable

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

_DRAIN_SECONDS = 30


def serve(
    target: str, host: str, port: int, workers: int, threads: int, announce: Callable[[], None]
) -> None:
    """Serve what ``target`` ("module:factory") makes until SIGTERM or SIGINT.

    Requests under way are finished then. A worker that dies is replaced. ``announce`` is called
    once the port is ours. Raises OSError where the address cannot be had.
    """
    server = Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backpressure=1024,
        factory=True,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=_DRAIN_SECONDS,
        log_level=LogLevels.warning,
    )
    server.on_startup(announce)
    server.serve()
