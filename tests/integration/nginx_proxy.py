"""The nginx of ``deploy/`` before servers: the shipped template on loopback, without TLS."""

import os
import re
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.integration.postgresql_server import die_with_parent, free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
TEMPLATE = DEPLOY / "nginx.conf.template"
TIMEOUT_SECONDS = 30.0  # seconds for nginx to start or stop
_MAIN = """
daemon off; master_process off; pid {home}/nginx.pid; error_log stderr;
{events}
http {{
    client_body_temp_path {home}/body; proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi; uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
{site}
}}
"""


def find_nginx() -> str | None:
    """Return nginx's binary; None where it is not installed."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def nginx_path() -> str:
    """Return nginx's binary; without one, skip the test, or fail it where nginx is required."""
    if path := find_nginx():
        return path
    if os.environ.get("TICKETING_TEST_REQUIRE_NGINX"):
        pytest.fail("nginx is required and not installed")
    pytest.skip("the tests of slow clients did not run: nginx is not installed")


@contextmanager
def nginx_before(
    ports: Sequence[int], home: Path, client_seconds: int = 10, live: int | None = None
) -> Iterator[int]:
    """Run nginx before the servers on ``ports``, one or two, and yield its own port.

    Clients have ``client_seconds`` to send. Streams come from the process on the port ``live``, or
    from the first server.
    """
    port, configuration = free_port(), home / "nginx.conf"
    site = _site(ports, home, port, client_seconds, live or ports[0])
    configuration.write_text(_MAIN.format(home=home, events=_events(), site=site))
    with (home / "nginx.log").open("ab") as log:
        process = subprocess.Popen(
            [nginx_path(), "-p", str(home), "-c", str(configuration)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, preexec_fn=_set_up,
        )  # fmt: skip
    try:
        _wait_for(process, port, home / "nginx.log")
        yield port
    finally:
        process.terminate()
        process.wait(TIMEOUT_SECONDS)


def _set_up() -> None:
    die_with_parent()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _events() -> str:
    """Return the block of the shipped main configuration."""
    _, _, following = (DEPLOY / "nginx.conf").read_text().partition("events {")
    return "events {" + following.partition("}")[0] + "}"


def _site(ports: Sequence[int], home: Path, port: int, client_seconds: int, live: int) -> str:
    """The template with this machine's addresses, no TLS, no redirect to it, and less patience."""
    upstream, _, servers = TEMPLATE.read_text().partition("server {\n    listen 80")
    https = "server {\n    listen 443" + servers.partition("server {\n    listen 443")[2]
    site = re.sub(r"^\s*ssl_.*\n", "", upstream + https, flags=re.MULTILINE)
    for shipped, here in {
        "listen 443 ssl": f"listen 127.0.0.1:{port}",
        "/var/log/nginx": str(home),
        "_timeout 10s": f"_timeout {client_seconds}s",
        "keepalive_timeout 60s": f"keepalive_timeout {client_seconds}s",
        "${SITE}": "127.0.0.1",
        "${SERVER_1}": f"127.0.0.1:{ports[0]}",
        "${SERVER_2}": f"127.0.0.1:{ports[-1]}",
        "${LIVE}": f"127.0.0.1:{live}",
    }.items():
        assert shipped in site
        site = site.replace(shipped, here)
    return site


def _wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)) as connection:
                connection.request("GET", "/metrics")  # which nginx itself answers
                connection.getresponse().read()
                return
        except (OSError, HTTPException):
            time.sleep(0.02)
    raise RuntimeError(f"nginx does not start:\n{log.read_text()[-2000:]}")
