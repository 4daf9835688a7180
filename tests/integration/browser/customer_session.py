"""A customer who is logged in, without the dialogs."""

import json

from playwright.sync_api import BrowserContext

from tests.builders import PASSWORD
from tests.integration.running_server import RunningServer

STORED = "ticketing.session"


def sign_in(
    server: RunningServer, context: BrowserContext, username: str, password: str = PASSWORD
) -> None:
    """Store a session of the customer as the log-in dialog does."""
    body = {"username": username, "password": password}
    refresh = server.call("POST", "/api/auth/login", body).json["refresh"]
    page = context.new_page()
    page.goto("/static/pages/icon.svg")
    session = json.dumps({"username": username, "refresh": refresh})
    page.evaluate("([key, value]) => localStorage.setItem(key, value)", [STORED, session])
    page.close()
