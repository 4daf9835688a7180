"""Rate limits shared by several processes in Redis."""

import logging
import shutil
import subprocess
import time
from contextlib import contextmanager

import pytest
from limits.errors import StorageError
from redis import Redis
from redis.exceptions import ConnectionError

from tests.integration.postgresql_server import die_with_parent, free_port

REDIS = shutil.which("redis-server")

needs_redis = pytest.mark.skipif(REDIS is None, reason="there is no redis-server on this machine")


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def process(make_app, port):
    """Make clients of applications that count in Redis; close their connections at the end."""
    made = []

    def make(user="", number=1):
        """Return a client of the process with this number."""
        storage = f"redis://{user}127.0.0.1:{port}/0"
        app = make_app(RATELIMIT="on", RATELIMIT_STORAGE=storage, PAGE_SIZE=str(number))
        made.append(app.test_client())
        return made[-1]

    yield make
    for client in made:
        storage_of(client).storage.connection_pool.disconnect()


def storage_of(client):
    [limiter] = client.application.extensions["limiter"]
    return limiter.storage


@contextmanager
def redis(port):
    """A Redis without persistence."""
    command = [REDIS or "", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=die_with_parent)
    try:
        deadline = time.monotonic() + 20
        while not answers(port) and time.monotonic() < deadline:
            time.sleep(0.01)
        yield
    finally:
        process.terminate()
        process.wait(20)


def answers(port):
    with Redis(port=port) as client:
        try:
            return client.ping()
        except ConnectionError:
            return False


def left(client):
    answer = client.post("/api/auth/login", json={})
    assert answer.status_code == 422
    assert 0 < int(answer.headers["RateLimit-Reset"]) <= 60
    return int(answer.headers["RateLimit-Remaining"])


def test_without_redis_a_process_counts_alone_and_logs_it_once(process, caplog):
    client = process(":hunter2@")

    with caplog.at_level(logging.WARNING):
        counted = [left(client) for _ in range(3)]

    assert counted == [599, 598, 597]
    [message] = caplog.messages
    assert "falling back to in-memory storage" in message
    assert "hunter2" not in caplog.text


@needs_redis
def test_processes_count_together(process, port):
    ours, theirs = process(number=1), process(number=2)

    with redis(port):
        counted = [left(client) for client in (ours, theirs, ours)]

    assert counted == [599, 598, 597]


@needs_redis
def test_redis_may_restart(process, port):
    client = process()
    with redis(port):
        assert [left(client) for _ in range(3)] == [599, 598, 597]
    assert [left(client) for _ in range(2)] == [599, 598]

    with redis(port):
        deadline = time.monotonic() + 20
        while (back := left(client)) != 599 and time.monotonic() < deadline:  # restarted, empty
            time.sleep(0.05)

    assert back == 599


@needs_redis
def test_the_shared_limit_is_enforced_with_retry_after(process, port):
    clients = [process(number=number) for number in (1, 2)]

    with redis(port):
        answers = [
            clients[turn % 2].post("/api/auth/password/reset", json={}) for turn in range(61)
        ]

    assert [answer.status_code for answer in answers] == [422] * 60 + [429]
    assert answers[-1].json["code"] == "rate_limited"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


def test_concurrent_requests_survive_the_loss_of_redis(process, monkeypatch):
    client = process()
    storage = storage_of(client)

    def overtaken(*args, **kwargs):
        monkeypatch.undo()
        assert left(client) == 599
        raise StorageError(ConnectionError())

    monkeypatch.setattr(storage, "incr", overtaken)

    assert client.post("/api/auth/login", json={}).status_code == 422


@needs_redis
def test_a_counted_request_survives_the_loss_of_redis(process, port, monkeypatch):
    client = process()

    def away(key):
        raise StorageError(ConnectionError())

    with redis(port):
        monkeypatch.setattr(storage_of(client), "get", away)
        assert left(client) == 0  # for a second
