"""A server that is killed while it sends a mail."""

import os
import signal

import pytest

from tests.builders import Clock
from tests.integration.databases import opened
from tests.integration.mail_server import mail_server
from tests.integration.polling import until
from tests.integration.running_server import copy_demo, running_server
from ticketing.adapters.sql.engine.clock import system_clock
from ticketing.bootstrap import open_box_office
from ticketing.domain.messages.message import FIRST_PAUSE
from ticketing.settings import Settings


@pytest.fixture
def mails():
    with mail_server() as server:
        server.may_answer.clear()
        yield server
        server.may_answer.set()


def kill(server):
    """Kill the server and its workers; the server first, because it would replace them."""
    for pid in [server.process.pid, *server.workers()]:
        os.kill(pid, signal.SIGKILL)
    server.process.wait()


def test_a_mail_whose_server_was_killed_is_sent_after_a_minute(demo, tmp_path, mails):
    copy_demo(demo, tmp_path)
    mail = {"SMTP_URL": f"smtp://127.0.0.1:{mails.port}", "MAIL_FROM": "tickets@example.org"}
    with running_server(tmp_path, "serve", "--workers", "1", **mail) as server:
        asked = server.call("POST", "/api/auth/password/reset", {"username": "customer"})
        assert asked.status == 202
        until(lambda: mails.senders)
        kill(server)
    mails.may_answer.set()

    clock = Clock()
    clock.now = system_clock()
    given = {"SECRET_KEY": "long enough " * 4} | mail
    settings = Settings.from_env({f"TICKETING_{name}": value for name, value in given.items()})
    with opened(f"sqlite:///{tmp_path / 'ticketing.db'}") as database:
        office = open_box_office(settings, database, clock, secrets=["a secret key"])
        assert office.messages
        office.messages.send_due()
        clock.now += FIRST_PAUSE
        office.messages.send_due()

    assert mails.mail().recipients == ["customer@demo.example"]
    assert mails.senders == ["tickets@example.org"] * 2
    assert mails.received.empty()
