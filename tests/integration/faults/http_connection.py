"""One customer's connection to a server that may break at any moment."""

import json
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException

from tests.integration.faults.ledger import outcome_of
from tests.integration.running_server import Answer

TIMEOUT_SECONDS = 30.0
"""Seconds within which each request gets a response, or the server accepts connections again."""


class HttpConnection:
    """A keep-alive connection. ``on_outcome`` is called with the outcome of each request."""

    def __init__(self, port: int, token: str, on_outcome: Callable[[str], None]) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        self._token = token
        self._on_outcome = on_outcome

    def call(
        self, method: str, path: str, body: object = None, key: str | None = None
    ) -> Answer | None:
        """None if the connection broke before the response arrived."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        self._connect()
        try:
            self._connection.request(method, path, json.dumps(body) if body else None, headers)
            received = self._connection.getresponse()
            answer = Answer(received.status, received.headers, received.read())
        except TimeoutError:
            raise  # no request may take that long
        except (OSError, HTTPException):
            self.close()
            answer = None
        self._on_outcome(outcome_of(answer))
        return answer

    def _connect(self) -> None:
        """Connect once the server listens: a request that was never sent has no unknown outcome."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while self._connection.sock is None:
            try:
                self._connection.connect()
            except ConnectionError:
                assert time.monotonic() < deadline, "no server listens"
                time.sleep(0.01)

    def close(self) -> None:
        self._connection.close()
