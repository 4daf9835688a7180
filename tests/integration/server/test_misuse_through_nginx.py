"""What clients do wrong behind the shipped nginx: all get an answer, and others notice nothing."""

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from itertools import cycle
from pathlib import Path
from threading import Thread

import pytest

from tests.integration.nginx_proxy import nginx_before, nginx_path
from tests.integration.polling import until
from tests.integration.postgresql_server import free_port
from tests.integration.running_server import Answer, RunningServer, copy_demo, running_server

ATTACKS = 200
BODIES = 100
MAX_CONNECTIONS = 2000  # of a client address
TIMEOUT_SECONDS = 30.0
KIB, MIB = 2**10, 2**20
MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}
LONG = b"a" * 4300


@pytest.fixture(scope="module")
def server(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    home = tmp_path_factory.mktemp("misuse")
    copy_demo(demo, home)
    serve = ("serve", "--workers", "2", "--threads", "4")
    with running_server(home, *serve, TRUSTED_PROXIES="127.0.0.1") as server:
        yield server
        assert "Traceback" not in server.printed, server.printed


@pytest.fixture(scope="module")
def proxy(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    nginx_path()
    with nginx_before([server.port], tmp_path_factory.mktemp("nginx")) as port:
        yield port


def connect(port: int, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS, (source, 0))


def answer_of(line: socket.socket) -> Answer:
    with closing(HTTPResponse(line)) as response:
        response.begin()
        return Answer(response.status, response.headers, response.read())


def sent(port: int, request: bytes, source: str = "127.0.0.1") -> Answer:
    with closing(connect(port, source)) as line:
        line.sendall(request)
        return answer_of(line)


def request(line: bytes, *fields: bytes, body: bytes = b"") -> bytes:
    length = b"Content-Length: %d" % len(body)
    return b"\r\n".join([line + b" HTTP/1.1", b"Host: x", length, *fields, b"", body])


def chunked(line: bytes, body: bytes) -> bytes:
    head = [line + b" HTTP/1.1", b"Host: x", b"Transfer-Encoding: chunked", JSON, b"", b""]
    return b"\r\n".join(head) + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


JSON = b"Content-Type: application/json"
FORM = b"Content-Type: application/x-www-form-urlencoded"
LOG_IN = b"POST /api/auth/login"


class TestOwnErrors:
    """Errors of nginx itself are problems as the box office's are."""

    @pytest.mark.parametrize(
        ("sent_by_client", "status", "code"),
        [
            (request(b"GET /metrics"), 404, "not_found"),
            (request(b"GET /problem"), 404, "not_found"),
            (b"GET /healthz HTTP/1.1\r\n\r\n", 400, "bad_request"),
            (b"NONSENSE\r\n\r\n", 400, "bad_request"),
            (request(b"GET /healthz", b"Host: y"), 400, "bad_request"),
            (request(b"TRACE /healthz"), 405, "method_not_allowed"),
            (request(LOG_IN, JSON, body=bytes(17 * KIB)), 413, "body_too_large"),
            (chunked(LOG_IN, bytes(17 * KIB)), 413, "body_too_large"),
            (request(b"GET /" + b"a" * 40_000), 414, "url_too_long"),
            (request(b"GET /healthz", b"X-Long: " + b"a" * 40_000), 431, "header_too_large"),
            (b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "http_501"),
            (b"GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n", 505, "http_505"),
        ],
        ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else None,
    )
    def test_they_are_problems(self, proxy, sent_by_client, status, code):
        answer = sent(proxy, sent_by_client)

        assert (answer.status, answer.json["status"], answer.json["code"]) == (status, status, code)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.json.keys() == MEMBERS
        assert answer.json["request_id"] == answer.headers["X-Request-ID"]

    def test_they_name_the_path_only_if_json_need_not_escape_it(self, proxy):
        body = bytes(17 * KIB)

        named = sent(proxy, request(LOG_IN + b"?next=%22", b"X-Request-ID: mine", body=body)).json
        assert (named["instance"], named["request_id"]) == ("/api/auth/login", "mine")
        assert sent(proxy, request(b'POST /"},{\\', body=body)).json["instance"] == ""

    def test_connections_of_an_address_are_limited(self, proxy):
        unfinished = request(LOG_IN, JSON, body=b"{}")[:-1]
        with ExitStack() as opened:
            for _ in range(MAX_CONNECTIONS):
                opened.enter_context(closing(connect(proxy))).sendall(unfinished)

            refused = sent(proxy, request(b"GET /healthz"))
            assert (refused.status, refused.json["code"]) == (429, "rate_limited")
            assert refused.headers["Retry-After"] == "1"
            assert sent(proxy, request(b"GET /healthz"), "127.0.0.2").status == 200

    def test_the_log_has_paths_without_queries(self, server, tmp_path):
        log = tmp_path / "access.log"
        lines = ['"GET /api/movies HTTP/1.1" 200', '"POST /api/auth/login HTTP/1.1" 413']
        with nginx_before([server.port], tmp_path) as port:
            sent(port, request(b"GET /api/movies?q=secret", b"X-Request-ID: mine"))
            sent(port, request(LOG_IN + b"?q=secret", body=bytes(17 * KIB)))
            # A line follows its answer: that of a refused body, the end of the connection.
            until(lambda: all(line in log.read_text() for line in lines))
        logged = log.read_text()

        assert " mine\n" in logged
        assert "secret" not in logged


class TestUnansweredRequests:
    """A read has no outcome, and what no server received had none."""

    READ, BOOKING = request(b"GET /api/movies"), request(b"POST /api/shows/1/book", body=b"{}")

    @pytest.mark.parametrize("sent_by_client", [READ, BOOKING], ids=["read", "booking"])
    def test_servers_that_still_start_are_busy(self, sent_by_client, tmp_path):
        with nginx_before([free_port(), free_port()], tmp_path) as port:
            answer = sent(port, sent_by_client)

        assert (answer.status, answer.json["code"]) == (503, "busy")
        assert answer.headers["Retry-After"] == "1"

    @pytest.mark.parametrize(
        ("sent_by_client", "code"),
        [(READ, "busy"), (BOOKING, "outcome_unknown")],
        ids=["read", "booking"],
    )
    def test_only_what_a_server_received_may_have_an_outcome(self, sent_by_client, code, tmp_path):
        with hangs_up_on_requests() as silent, nginx_before([silent], tmp_path) as port:
            answer = sent(port, sent_by_client)

        assert (answer.status, answer.json["code"]) == (503, code)


@contextmanager
def hangs_up_on_requests() -> Iterator[int]:
    """A server that reads each request and closes its connection."""

    def serve() -> None:
        with suppress(OSError):  # the listener was shut down
            while True:
                line, _ = listener.accept()
                with line:
                    line.recv(KIB)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Thread(target=serve)
        server.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
        server.join()


ODD = {
    "a long path of the staff's": request(b"GET /admin/" + LONG),
    "a long address after the log-in": request(b"GET /admin/log-in?next=/admin/" + LONG),
    "a long number of a page": request(b"GET /api/movies?page=" + b"9" * 4300),
    "a body of a mebibyte": request(LOG_IN, JSON, body=bytes(MIB + 1)),
    "a body of two mebibytes": request(LOG_IN, JSON, body=bytes(2 * MIB - 1)),
    "a chunked body of two mebibytes": chunked(LOG_IN, bytes(2 * MIB)),
    "nested lists": request(LOG_IN, JSON, body=b"[" * (16 * KIB)),
    "a form of many fields": request(b"POST /admin/log-in", FORM, body=b"&a=b" * 4 * KIB),
    "long cookies": request(b"GET /admin/", *[b"Cookie: staff=" + b"a" * 7000] * 3),
    "a long head": request(b"GET /api/movies", b"X-Long: " + b"a" * 40_000),
    "an unknown method": request(b"BREW /api/movies"),
    "two hosts": request(b"GET /api/movies", b"Host: y"),
    "no HTTP": b"NONSENSE\r\n\r\n",
}  # fmt: skip
BROKEN_OFF = {
    "a body that breaks off": request(LOG_IN, JSON, body=bytes(9 * KIB))[:-1],
    "a body without an end": chunked(LOG_IN, bytes(9 * KIB))[:-3],
    "a client that does not wait": request(b"GET /api/shows/1/seats"),
}
HONEST = ["/api/movies", "/api/shows/1/seats", "/healthz", "/admin/log-in"]


@pytest.mark.parametrize("attack", [*ODD, *BROKEN_OFF])
def test_no_client_is_refused_for_what_others_send(proxy, attack):
    with closing(HTTPConnection("127.0.0.1", proxy, timeout=TIMEOUT_SECONDS)) as honest:
        statuses = set()
        for _, path in zip(range(ATTACKS), cycle(HONEST), strict=False):
            with closing(connect(proxy, "127.0.0.2")) as line:
                if attack in ODD:
                    line.sendall(ODD[attack])
                    assert line.recv(KIB)
                else:
                    line.sendall(BROKEN_OFF[attack])
            honest.request("GET", path)
            answer = honest.getresponse()
            answer.read()
            statuses.add(answer.status)

    assert statuses == {200}


BODIES_REFUSED: Sequence[tuple[str, bytes, int, str]] = [
    ("/api/auth/login", b"a" * (17 * KIB), 413, "body_too_large"),
    ("/api/auth/login", b"a" * (2 * MIB), 413, "body_too_large"),
    ("/api/movies", b"a" * (65 * KIB), 413, "body_too_large"),
    ("/admin/log-in", b"a" * (65 * KIB), 413, "body_too_large"),
    ("/api/auth/login", b"[" * (16 * KIB), 400, "bad_request"),
    ("/api/auth/login", b'{"username": ' + b"[" * 21 + b"]" * 21 + b"}", 400, "bad_request"),
]


@pytest.mark.parametrize("chunks", [False, True], ids=["length", "chunks"])
@pytest.mark.parametrize(("path", "body", "status", "code"), BODIES_REFUSED)
def test_a_refused_body_always_gets_its_answer(proxy, chunks, path, body, status, code):
    for _ in range(BODIES):
        with closing(HTTPConnection("127.0.0.1", proxy, timeout=TIMEOUT_SECONDS)) as line:
            content = iter([body]) if chunks else body
            headers = {"Content-Type": "application/json"}
            line.request("POST", path, content, headers, encode_chunked=chunks)
            answer = line.getresponse()
            assert (answer.status, json.loads(answer.read())["code"]) == (status, code)
