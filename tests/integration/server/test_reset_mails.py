"""Reset mails while the mail server is slow, and when the server stops."""

import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.mail_server import Mails, mail_server
from tests.integration.polling import until
from tests.integration.running_server import RunningServer, copy_demo, running_server

SENDERS = 4
TIMEOUT_SECONDS = 30.0


@pytest.fixture
def mails() -> Iterator[Mails]:
    with mail_server() as server:
        server.may_answer.clear()
        yield server
        server.may_answer.set()


@pytest.fixture
def server(demo: Path, tmp_path: Path, mails: Mails) -> Iterator[RunningServer]:
    copy_demo(demo, tmp_path)
    mail = {
        "SMTP_URL": f"smtp://127.0.0.1:{mails.port}",
        "MAIL_FROM": "tickets@example.org",
    }
    with running_server(tmp_path, "serve", "--workers", "1", **mail) as server:
        yield server


def accepts_connections(server: RunningServer) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port)).close()
    except OSError:
        return False
    return True


def request_mails(server: RunningServer, *names: str) -> None:
    for name in names:
        answer = server.call("POST", "/api/auth/password/reset", {"username": name})
        assert answer.status == 202


def test_mails_that_wait_are_sent_before_the_server_ends(server, mails):
    request_mails(server, *["customer", "staff"] * 3)
    until(lambda: len(mails.senders) == SENDERS)

    with ThreadPoolExecutor(1) as background:
        stopping = background.submit(server.stop)
        until(lambda: not accepts_connections(server))
        mails.may_answer.set()
        assert stopping.result(TIMEOUT_SECONDS) == 0

    received = Counter(mails.mail().recipients[0] for _ in range(6))
    assert received == {"customer@demo.example": 3, "staff@demo.example": 3}
    assert "dropped" not in server.printed


def test_an_account_has_three_mails_that_wait_and_each_dropped_one_is_logged(server, mails):
    request_mails(server, *["customer", "customer@demo.example"] * 3, "nobody", "staff")
    until(lambda: len(mails.senders) == SENDERS)

    dropped = "A reset mail was dropped: 3 are waiting for the same account."
    assert server.printed.count(dropped) == 3
    mails.may_answer.set()
    received = Counter(mails.mail().recipients[0] for _ in range(4))
    assert received == {"customer@demo.example": 3, "staff@demo.example": 1}
