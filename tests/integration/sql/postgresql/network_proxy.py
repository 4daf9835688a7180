"""A TCP proxy in front of PostgreSQL that can close a connection at the worst moment."""

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import NamedTuple

from sqlalchemy import make_url

from tests.integration.databases import with_settings
from tests.integration.sql.postgresql.database_faults import AT_MOST


class Cut(NamedTuple):
    word: bytes
    heard: bool


class NetworkProxy(ThreadingTCPServer):
    """Forwards data between clients and the server, until a client's connection is cut."""

    daemon_threads = True

    def __init__(self, postgresql_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self._cut: Cut | None = None
        url = make_url(postgresql_url)
        self.far_end = (url.host or "127.0.0.1", url.port or 5432)
        near = url.set(host="127.0.0.1", port=self.server_address[1])
        self.url = with_settings(near.render_as_string(hide_password=False), "", sslmode="disable")

    def cut_at(self, word: bytes, *, heard: bool) -> None:
        """Cut the connection that sends this next: after the server has executed it, if it is
        ``heard``, but before its response arrives; else before. Later connections work."""
        self._cut = Cut(word, heard)

    def cut_in(self, request: bytes) -> Cut | None:
        """The cut that this request brings about."""
        if self._cut is None or self._cut.word not in request:
            return None
        cut, self._cut = self._cut, None
        return cut


class _Line(BaseRequestHandler):
    server: NetworkProxy

    def handle(self) -> None:
        with socket.create_connection(self.server.far_end) as server:
            while ready := select.select([self.request, server], [], [], AT_MOST)[0]:
                if self.request in ready and not self._ask(server):
                    return
                if server in ready and not _carry(server, self.request):
                    return

    def _ask(self, server: socket.socket) -> bool:
        request = self.request.recv(65536)
        cut = self.server.cut_in(request)
        if cut is None or cut.heard:
            server.sendall(request)
        if cut and cut.heard:
            server.recv(65536)
        return bool(request) and cut is None


def _carry(source: socket.socket, target: socket.socket) -> bool:
    said = source.recv(65536)
    target.sendall(said)
    return bool(said)


@contextmanager
def proxy_to(postgresql_url: str) -> Iterator[NetworkProxy]:
    with NetworkProxy(postgresql_url) as proxy:
        thread = Thread(target=proxy.serve_forever, args=(0.01,))
        thread.start()
        yield proxy
        proxy.shutdown()
        thread.join()
