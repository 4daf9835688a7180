"""Send the requests of the documents as they are written.

Only the server's address and the texts in angle brackets are replaced.
"""

import re
import shlex
from urllib.parse import urlsplit

from tests.integration.running_server import Answer, RunningServer

MARKDOWN_LINK = re.compile(r"\[[^]]*\]\(([^)]*)\)")


def curl(server: RunningServer, command: str, **placeholders: object) -> Answer:
    """Do what curl does with the options that the documents use."""
    words = shlex.split(
        _filled(MARKDOWN_LINK.sub(r"\1", command).replace("\\\n", " "), placeholders)
    )
    if words.pop(0) != "curl":
        raise ValueError(command)
    method, data, headers, url = None, None, {}, ""
    while words:
        match words.pop(0):
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                data = words.pop(0).encode()
            case word:
                url = word
    address = urlsplit(url)
    assert address.netloc == "127.0.0.1:8000", url
    return server.send(method or ("POST" if data else "GET"), address.path, headers, data)


def request(
    server: RunningServer,
    line: str,
    body: str | None = None,
    token: str = "",
    **placeholders: object,
) -> Answer:
    """Send ``POST /some/path`` with a body of JSON as it is written, and a token."""
    method, path = _filled(line, placeholders).split(" ")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if body is None:
        return server.send(method, path, headers)
    headers["Content-Type"] = "application/json"
    return server.send(method, path, headers, _filled(body, placeholders).encode())


def _filled(text: str, placeholders: dict[str, object]) -> str:
    """``<show_id>`` is written ``show_id=1``; the documents also use braces and hyphens."""
    for name, value in placeholders.items():
        for written in (name, name.replace("_", "-")):
            text = text.replace(f"<{written}>", str(value)).replace(f"{{{written}}}", str(value))
    return text
