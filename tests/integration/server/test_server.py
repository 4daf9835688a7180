"""The production server: how it stops, recovers and takes what clients send."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from itertools import count
from pathlib import Path
from threading import Barrier

import pytest

from tests.integration.polling import until
from tests.integration.postgresql_server import free_port
from tests.integration.running_server import (
    Answer,
    RunningServer,
    copy_demo,
    running_server,
    spawned,
)
from ticketing.entrypoints.http.web.request_body import MAX_BODY_BYTES
from ticketing.entrypoints.http.web.request_head import MAX_URL_BYTES
from ticketing.entrypoints.http.web.unread_body import MAX_DISCARDED_BYTES
from ticketing.entrypoints.server import MAX_HEAD_BYTES

SERVE = ("serve", "--workers", "2", "--threads", "4")  # a thread for each slow client
MIB = 2**20
MAX_STOP_SECONDS = 15.0  # seconds that stopping may take without slow clients
TIMEOUT_SECONDS = 30.0
JSON = "Content-Type: application/json"
CUSTOMER = {"username": "customer", "password": "popcorn-customer"}
STAFF = {"username": "staff", "password": "popcorn-staff"}


@pytest.fixture(scope="module")
def server(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server for the tests that leave its demo unchanged."""
    home = tmp_path_factory.mktemp("shared")
    copy_demo(demo, home)
    with running_server(home, *SERVE) as server:
        yield server
        assert "Traceback" not in server.printed, server.printed


@pytest.fixture
def home(demo: Path, tmp_path: Path) -> Path:
    copy_demo(demo, tmp_path)
    return tmp_path


def connect(server: RunningServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT_SECONDS)


def connection_to(server: RunningServer) -> HTTPConnection:
    return HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT_SECONDS)


def raw(server: RunningServer, *parts: bytes, pause: float = 0.02) -> bytes:
    """Send the parts one by one and return all that the server answers until it hangs up."""
    with closing(connect(server)) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause if part is not parts[-1] else 0)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    """Return a request after which the server closes the connection."""
    lines = [f"{line} HTTP/1.1", "Host: 127.0.0.1", *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def log_in(server: RunningServer, account: dict[str, str] = CUSTOMER) -> Answer:
    return server.call("POST", "/api/auth/login", account)


class SlowLogIn:
    """A log-in whose body is sent in two parts, so that the server waits for the second."""

    def __init__(self, server: RunningServer) -> None:
        body = json.dumps(CUSTOMER).encode()
        length = f"Content-Length: {len(body)}"
        self._connection = connect(server)
        self._connection.sendall(
            request("POST /api/auth/login", JSON, length, "Expect: 100-continue")
        )
        assert status(self._connection.recv(65536)) == 100  # the server reads the body
        self._connection.sendall(body[:10])
        self._rest = body[10:]

    def end(self) -> bytes:
        with closing(self._connection):
            self._connection.sendall(self._rest)
            return b"".join(iter(lambda: self._connection.recv(65536), b""))


class TestStopping:
    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
    @pytest.mark.parametrize("whole_group", [False, True], ids=["parent", "all processes"])
    def test_requests_in_progress_are_answered_and_idle_connections_do_not_delay_it(
        self, home, how, whole_group
    ):
        with (
            running_server(home, *SERVE) as server,
            ThreadPoolExecutor(1) as background,
            closing(HTTPConnection("127.0.0.1", server.port)) as kept,
            connect(server),
        ):
            kept.request("GET", "/healthz")
            kept.getresponse().read()
            in_progress = [SlowLogIn(server) for _ in range(4)]

            stopping = background.submit(server.stop, how, whole_group=whole_group)
            until(lambda: not accepts_connections(server))

            assert not stopping.done()
            assert [status(slow.end()) for slow in in_progress] == [200] * 4
            assert stopping.result(MAX_STOP_SECONDS) == 0

    def test_no_kept_connection_is_cut_while_its_client_sends(self, home):
        everyone_is_served = Barrier(33)

        def requests_until_the_server_hangs_up(port: int) -> int:
            with closing(HTTPConnection("127.0.0.1", port)) as kept:
                for number in count(1):
                    kept.request("GET", "/healthz")
                    response = kept.getresponse()
                    response.read()
                    assert response.status == 200
                    if response.will_close:
                        return number
                    if number == 1:
                        everyone_is_served.wait(TIMEOUT_SECONDS)
                    time.sleep(0.1)  # most connections are idle when the signal comes
            raise AssertionError

        with running_server(home, *SERVE) as server, ThreadPoolExecutor(32) as clients:
            until_cut = partial(requests_until_the_server_hangs_up, server.port)
            sent = [clients.submit(until_cut) for _ in range(32)]
            everyone_is_served.wait(TIMEOUT_SECONDS)

            assert server.stop(signal.SIGTERM) == 0
            assert all(each.result() > 1 for each in sent)

    @pytest.mark.parametrize("wait", [0, 0.05, 0.1, 0.2, 0.3])
    def test_it_stops_while_its_workers_start(self, home, wait):
        with spawned(home, *SERVE, "--port", str(free_port())) as starting:
            until(lambda: "Serving on" in (home / "server.log").read_text())
            time.sleep(wait)

            starting.terminate()

            assert starting.wait(MAX_STOP_SECONDS) == 0


class TestRecovery:
    def test_a_worker_that_dies_is_replaced_while_the_other_serves(self, home):
        with running_server(home, *SERVE) as server:
            before = server.workers()
            os.kill(before[0], signal.SIGKILL)

            until(lambda: len({*server.workers()} - {*before}) == 1)
            until(lambda: answers_all(server))
            assert before[1] in server.workers()
            assert log_in(server).status == 200
            assert server.stop() == 0

    def test_a_crash_loop_of_a_worker_ends_the_server(self, home):
        with running_server(home, *SERVE) as server:
            [_, young] = server.workers()
            os.kill(young, signal.SIGKILL)
            until(lambda: len({*server.workers()} - {young}) == 2)
            os.kill(server.workers()[-1], signal.SIGKILL)

            assert server.process.wait(MAX_STOP_SECONDS) == 1
            assert "crash loop" in server.printed

    @pytest.mark.parametrize("process", ["parent", "worker"])
    def test_a_process_that_was_suspended_continues(self, home, process):
        with running_server(home, *SERVE) as server:
            before = server.workers()
            pid = server.process.pid if process == "parent" else before[0]
            os.kill(pid, signal.SIGSTOP)
            until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] == "T")
            os.kill(pid, signal.SIGCONT)

            assert answers_all(server)
            assert server.workers() == before
            assert server.stop() == 0

    def test_workers_end_when_the_server_is_killed(self, home):
        with running_server(home, *SERVE) as server:
            server.process.kill()

            until(lambda: not accepts_connections(server))


def answers_all(server: RunningServer) -> bool:
    try:
        return all(server.call("GET", "/readyz").status == 200 for _ in range(20))
    except (OSError, HTTPException):
        return False


def accepts_connections(server: RunningServer) -> bool:
    try:
        connect(server).close()
        return True
    except OSError:
        return False


class TestStarting:
    def test_a_port_that_another_server_has_is_refused(self, home):
        with (
            running_server(home, *SERVE) as server,
            spawned(home, *SERVE, "--port", str(server.port)) as second,
        ):
            assert second.wait(TIMEOUT_SECONDS) == 1
            assert "Address already in use" in server.printed
            assert server.printed.count("Serving on") == 1
            assert answers_all(server)

    def test_workers_may_be_spawned_as_newer_pythons_do(self, home, monkeypatch):
        spawn = "import multiprocessing as m; m.set_start_method('spawn')"
        main = "if __name__ == '__main__': from ticketing.__main__ import main; main()"
        command = [sys.executable, "-P", "-c", f"{spawn}\n{main}"]
        monkeypatch.setattr("tests.integration.running_server.COMMAND", command)

        with running_server(home, *SERVE) as server:
            assert answers_all(server)
            assert server.stop() == 0

    def test_the_current_directory_may_hold_anything(self, home):
        for name in ("__init__", "flask", "ticketing", "bootstrap"):
            (home / f"{name}.py").write_text("raise SystemExit('This is not the module.')")

        with running_server(home, *SERVE) as server:  # it runs in home
            assert answers_all(server)


class TestHttp:
    @pytest.mark.parametrize(
        ("sent", "expected"),
        [
            (b"GET /healthz HTTP/1.0\r\n\r\n", 200),
            (b"GET /api/movies HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", 200),
            (b"NONSENSE\r\n\r\n", 400),
            (b"GET /healthz HTTP/9.9\r\n\r\n", 400),
            (request("GET http://elsewhere.example/healthz"), 200),
            (request("OPTIONS *"), 404),
            (request("CONNECT elsewhere.example:443"), 404),
            (request("TRACE /healthz"), 405),
            (request("BREW /healthz"), 501),
            (request("get /healthz"), 501),
            (request("GET /healthz", "Host: elsewhere.example"), 400),
            (request("GET /healthz", "Host: 127.0.0.1"), 400),
            (b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
            (request("GET /api/mövies"), 404),
            (request("GET /api/m%C3%B6vies%00%0D%0AX:%20y"), 404),
            (request("GET /api/m%FF%zz%C3"), 404),
            (request("GET /" + "a" * 8000), 404),
            (request("GET /" + "a" * MAX_URL_BYTES), 414),
            (request("GET /" + "a" * MAX_HEAD_BYTES * 2), 431),
            (request("GET /healthz", "X-Long: " + "a" * (MAX_HEAD_BYTES - 1000)), 200),
            (request("GET /healthz", "X-Long: " + "a" * MAX_HEAD_BYTES * 2), 431),
            (request("GET /healthz", "X-Long: " + "a" * MIB), 431),
            (request("GET /healthz", "Cookie: " + "a=b;" * 3000), 431),
            (request("GET /healthz", *(f"X-{n}: a" for n in range(500))), 431),
            (request("GET /api/my-bookings", "Authorization: Bearer é"), 401),
            (request("GET /healthz", "X-Request-ID: é\t"), 200),
            (request("GET /healthz", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"), 200),
            (request("POST /api/auth/login", JSON, "Content-Length: -5"), 400),
            (request("POST /api/auth/login", JSON, "Content-Length: 5", "Content-Length: 6"), 400),
            (request("POST /api/auth/login", JSON, "Transfer-Encoding: gzip"), 400),
            (
                request("POST /api/auth/login", JSON, "Transfer-Encoding: chunked", body=b"zz\r\n"),
                400,
            ),
            (request("POST /api/auth/login", JSON, "Expect: 200-maybe"), 400),
        ],
        ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else None,
    )
    def test_odd_requests_are_answered(self, server, sent, expected):
        assert status(raw(server, sent)) == expected

    @pytest.mark.parametrize("key", ["schlüssel", "\xff"])
    def test_a_key_that_is_not_ascii_is_refused(self, server, key):
        token = server.call("POST", "/api/auth/login", CUSTOMER).json["access"]
        booking = request(
            "POST /api/shows/1/book",
            JSON,
            f"Authorization: Bearer {token}",
            f"Idempotency-Key: {key}",
            "Content-Length: 18",
            body=b'{"seat_number": 1}',
        )

        assert status(raw(server, booking)) == 422

    @pytest.mark.parametrize("q", ["%C3%A9", "é", "%F0%9F%8D%BF", "🍿", "%E6%98%A0"])
    def test_searches_may_be_in_any_script(self, server, q):
        assert status(raw(server, request(f"GET /api/movies?q={q}"))) == 200

    def test_head_has_the_headers_of_get_and_no_body(self, server):
        head, get = server.call("HEAD", "/api/shows/1"), server.call("GET", "/api/shows/1")

        assert (head.status, head.body) == (200, b"")
        assert head.headers["Content-Type"] == get.headers["Content-Type"]
        assert int(head.headers["Content-Length"]) == len(get.body)

    def test_options_names_the_methods(self, server):
        answer = server.call("OPTIONS", "/api/shows/1/book")

        assert (answer.status, answer.body) == (200, b"")
        assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}

    def test_pipelined_requests_are_answered_in_order(self, server):
        first = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        second = b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"

        answers = raw(server, first + second + request("GET /readyz")).split(b"HTTP/1.1 ")

        assert [answer[:3] for answer in answers[1:]] == [b"200", b"404", b"200"]

    def test_answers_do_not_contain_the_version_of_the_server(self, server):
        for path in ("/healthz", "/nowhere", "/swagger/"):
            name = server.call("GET", path).headers["Server"] or ""
            assert not any(character.isdigit() for character in name)

    def test_others_are_served_while_a_slow_client_sends(self, server):
        slow = SlowLogIn(server)

        assert answers_all(server)
        assert status(slow.end()) == 200

    def test_a_request_may_come_byte_by_byte(self, server):
        sent = request("GET /healthz")

        assert status(raw(server, *(sent[i : i + 1] for i in range(len(sent))), pause=0.001)) == 200

    def test_clients_that_hang_up_affect_no_others(self, server):
        for _ in range(30):
            with closing(connect(server)) as connection:
                connection.sendall(request("GET /api/shows/1/seats"))
        for _ in range(10):
            with closing(connect(server)) as connection:
                connection.sendall(request("POST /api/auth/login", JSON, "Content-Length: 99"))

        assert answers_all(server)


class TestBodies:
    """Each answer arrives however often it is tried: none is lost to a connection that breaks."""

    TIMES = 100

    @pytest.mark.parametrize("length", [MAX_BODY_BYTES + 1, MIB, MAX_DISCARDED_BYTES])
    @pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
    def test_too_large_a_body_is_refused(self, server, length, chunked):
        for _ in range(self.TIMES):
            refused = self.log_in(server, json.dumps(CUSTOMER).encode().ljust(length), chunked)

            assert (refused.status, refused.json["code"]) == (413, "body_too_large")
            assert refused.headers["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize(
        "body",
        [
            b'{"username": ' + b"[" * 16_000,
            json.dumps({str(number): 0 for number in range(1001)}).encode(),
        ],
        ids=["deep", "wide"],
    )
    @pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
    def test_too_deep_or_wide_a_body_is_refused(self, server, body, chunked):
        for _ in range(self.TIMES):
            refused = self.log_in(server, body, chunked)

            assert (refused.status, refused.json["code"]) == (400, "bad_request")

    @pytest.mark.parametrize(
        ("method", "path", "expected"),
        [
            ("POST", "/nowhere", 404),
            ("DELETE", "/api/movies", 405),
            ("POST", "/api/movies", 401),
            ("POST", "/admin/movies/new", 302),
            ("POST", "/password-reset", 413),
            ("GET", "/api/movies", 200),
        ],
    )
    def test_an_answer_that_needs_no_body_comes_after_it(self, server, method, path, expected):
        with closing(connection_to(server)) as connection:  # the same one throughout
            for _ in range(self.TIMES):
                connection.request(method, path, b"x" * MIB)
                answer = connection.getresponse()
                answer.read()
                assert answer.status == expected

    def test_a_longer_body_ends_the_connection(self, server):
        with closing(connect(server)) as line:
            line.sendall(
                f"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: {2**30}\r\n\r\n".encode()
            )
            with closing(HTTPResponse(line)) as answer:
                answer.begin()
                assert (answer.status, answer.headers["Connection"]) == (200, "close")

    def test_a_chunked_body_without_end_ends_the_connection(self, server):
        with closing(connect(server)) as line, pytest.raises(OSError, match=r"reset|pipe"):
            line.sendall(
                b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            for _ in range(10_000):
                line.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")

    @pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
    def test_a_body_may_be_as_long_as_its_limit(self, server, chunked):
        body = json.dumps(CUSTOMER).encode().ljust(MAX_BODY_BYTES)

        assert self.log_in(server, body, chunked).status == 200

    def log_in(self, server: RunningServer, body: bytes, chunked: bool) -> Answer:
        with closing(connection_to(server)) as connection:
            connection.request(
                "POST",
                "/api/auth/login",
                iter([body]) if chunked else body,
                {"Content-Type": "application/json"},
                encode_chunked=chunked,
            )
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def test_a_gibibyte_is_refused_before_it_is_sent(self, server):
        announced = request(
            "POST /api/auth/login", JSON, f"Content-Length: {2**30}", "Expect: 100-continue"
        )

        with closing(connect(server)) as connection:
            connection.sendall(announced)
            assert status(connection.recv(65536)) == 413

    def test_a_client_may_expect_100_continue(self, server):
        body = json.dumps(CUSTOMER).encode()
        expecting = request(
            "POST /api/auth/login", JSON, f"Content-Length: {len(body)}", "Expect: 100-continue"
        )

        answer = raw(server, expecting, body)

        assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_the_server_makes_offers(server):
    customer, staff = (str(log_in(server, who).json["access"]) for who in (CUSTOMER, STAFF))
    starts_at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    attic = {"movie_id": 1, "screen_name": "Attic", "total_seats": 1, "starts_at": starts_at}
    show = server.call("POST", "/api/shows", attic, staff).json["id"]
    booked = server.call("POST", f"/api/shows/{show}/book", {"seats": [1]}, staff).json["id"]
    entry = server.call("POST", f"/api/shows/{show}/waiting-list", {"count": 1}, customer).json
    assert entry["status"] == "WAITING"

    server.call("POST", f"/api/bookings/{booked}/cancel", token=staff)

    path = f"/api/waiting-list/{entry['id']}"
    until(lambda: server.call("GET", path, token=customer).json["status"] == "OFFERED")


def test_a_body_that_comes_late_is_read_before_the_answer(server):
    body = b'{"seat_number": 5}'
    head = (
        "POST /api/shows/1/book HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer forged\r\n"
        f"{JSON}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with closing(connect(server)) as line:
        for _ in range(2):  # the second time on the same connection
            line.sendall(head.encode())
            line.settimeout(0.1)
            with suppress(TimeoutError):
                raise AssertionError(f"answered too early: {line.recv(1)!r}")
            line.settimeout(TIMEOUT_SECONDS)
            line.sendall(body)
            answer = HTTPResponse(line)
            answer.begin()
            assert (answer.status, json.loads(answer.read())["code"]) == (401, "token_invalid")
