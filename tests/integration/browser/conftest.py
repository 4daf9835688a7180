"""A headless Chromium, if installed, and pages that must not log errors."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests.integration.running_server import RunningServer, copy_demo, running_server

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = (
    "browser tests did not run: no Chromium found; install one or name it in TICKETING_TEST_BROWSER"
)
expect.set_options(timeout=30_000)  # a busy machine draws a page in more than the usual 5 s
LEFT_OUT = pytest.StashKey[bool]()


def browser_path() -> str | None:
    """The browser that TICKETING_TEST_BROWSER names, or else one on the PATH."""
    named = os.environ.get("TICKETING_TEST_BROWSER")
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if config.stash.get(LEFT_OUT, False):
        terminalreporter.section("WARNING", yellow=True, bold=True)
        terminalreporter.line(MISSING, yellow=True, bold=True)


@contextmanager
def served_copy(demo: Path, home: Path) -> Iterator[RunningServer]:
    copy_demo(demo, home)
    with running_server(home) as server:
        yield server
        assert "Traceback" not in server.printed, server.printed


@pytest.fixture(scope="module")
def server(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with served_copy(demo, tmp_path_factory.mktemp("demo")) as server:
        yield server


@pytest.fixture(scope="session")
def shared_server(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A demo for modules whose tests add the customers and the shows that they need."""
    with served_copy(demo, tmp_path_factory.mktemp("shared-demo")) as server:
        yield server


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    path = browser_path()
    if path is None:
        if os.environ.get("TICKETING_TEST_REQUIRE_BROWSER"):
            pytest.fail(MISSING)
        pytestconfig.stash[LEFT_OUT] = True
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium's sandbox needs another user
        browser = playwright.chromium.launch(
            executable_path=path, args=OPTIONS, chromium_sandbox=not root
        )
        yield browser
        browser.close()


class Complaints:
    """Errors of a page, and requests to other hosts."""

    def __init__(self, page: Page, origin: str) -> None:
        self.found: list[str] = []
        self._origin = origin
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"error: {error}"))
        page.on("requestfailed", self._failed)
        page.context.on("request", self._request)
        page.context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:  # CSP violations as well
        if message.type in ("error", "warning"):
            self.found.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left before the response
            self.found.append(f"failed: {request.url}: {request.failure}")

    def _request(self, request: Request) -> None:
        url = request.url.removeprefix("blob:")
        if not url.startswith(("data:", f"{self._origin}/")):
            self.found.append(f"elsewhere: {urlsplit(url).netloc}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.found.append(f"{response.status}: {response.url}")


@contextmanager
def new_page(browser: Browser, server: RunningServer) -> Iterator[Page]:
    """A page of a new browser profile, without errors."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    complaints = Complaints(page, server.url)
    yield page
    context.close()
    assert complaints.found == []


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(browser: Browser, server: RunningServer) -> Iterator[NewContext]:
    """Open browser profiles, each with a storage of its own."""
    contexts: list[BrowserContext] = []

    def open_context(**options: Any) -> BrowserContext:
        contexts.append(browser.new_context(base_url=server.url, **options))
        return contexts[-1]

    yield open_context
    for context in contexts:
        context.close()


@pytest.fixture
def page(browser: Browser, server: RunningServer) -> Iterator[Page]:
    with new_page(browser, server) as page:
        yield page


@pytest.fixture
def unwatched(browser: Browser, server: RunningServer) -> Iterator[Page]:
    """A page that may receive 4xx responses, which Chromium logs in the console."""
    context = browser.new_context(base_url=server.url, viewport={"width": 375, "height": 700})
    yield context.new_page()
    context.close()
