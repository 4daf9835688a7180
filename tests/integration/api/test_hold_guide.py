"""The requests and the response in docs/holds.md are as the server has them."""

import json
import re
import shlex
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[3] / "docs/holds.md").read_text("utf-8")
BLOCKS = re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [part for block in BLOCKS for part in block.split("\n\n") if part.startswith("curl")]
[EXAMPLE] = map(json.loads, re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL))


@pytest.fixture
def curl(maria):
    """Send a request as it is written, for another hold than the one of the guide."""

    def send(command, hold_id=""):
        address = f"http://127.0.0.1:8000/api/holds/{hold_id}"
        command = command.replace("\\\n", " ").replace("$HOLD", address)
        _, _, _, method, *words = shlex.split(command)
        data, headers, path = None, [], ""
        while words:
            match words.pop(0):
                case "-H":
                    headers.append(words.pop(0))
                case "-d":
                    data = words.pop(0)
                case url:
                    path = url.removeprefix("http://127.0.0.1:8000")
        assert "Authorization: Bearer $TOKEN" in headers
        typed = "Content-Type: application/json" in headers
        content_type = "application/json" if typed else None
        return maria.open(path, method=method, data=data, content_type=content_type)

    return send


def test_the_guide_is_followed(curl, cinema):
    cinema.show(seats=80)
    take, change, extend, book, release = COMMANDS

    held = curl(take)
    assert held.status_code == 201
    assert held.json["seats"] == EXAMPLE["seats"]
    assert list(held.json) == list(EXAMPLE)
    assert curl(change, held.json["id"]).status_code == 200
    assert curl(extend, held.json["id"]).status_code == 200
    booked = curl(book, held.json["id"])
    assert [seat["label"] for seat in booked.json["seats"]] == ["C6", "C7"]

    other = curl(take.replace("C6", "C4")).json["id"]
    assert curl(release, other).status_code == 204
