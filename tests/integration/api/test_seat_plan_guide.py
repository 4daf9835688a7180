"""The requests and the responses in docs/seat-plans.md are as the server has them."""

import json
import re
import shlex
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[3] / "docs/seat-plans.md").read_text("utf-8")
OVER_HTTP = TEXT.partition("## Over HTTP")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"^curl .+(?:\n  .+)*", OVER_HTTP, re.MULTILINE)
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", OVER_HTTP, re.DOTALL)]


@pytest.fixture
def curl(staff, guest):
    """Send a request as it is written, with the ids of this test's screen, show and plan."""

    def send(command, **ids):
        words = shlex.split(command.replace("\\\n", " "))[1:]
        method, headers, data, url = "GET", [], None, ""
        while words:
            match words.pop(0):
                case "-X":
                    method = words.pop(0)
                case "-H":
                    headers.append(words.pop(0))
                case "-d":
                    data = words.pop(0)
                case word:
                    url = word
        path = url.removeprefix("$SERVER")
        for kind, id_ in ids.items():
            path = re.sub(rf"/{kind}/\d+", f"/{kind}/{id_}", path)
        client = staff if "Authorization: Bearer $TOKEN" in headers else guest
        typed = "Content-Type: application/json" in headers
        return client.open(
            path, method=method, data=data, content_type="application/json" if typed else None
        )

    return send


def test_the_guide_is_followed(curl, staff, maria):
    preview, change, plan, drawing, seats = COMMANDS
    assert curl(preview).json == EXAMPLES[0]
    screen = curl(preview.replace("?dry_run=true", "")).json
    movie = staff.post("/api/movies", json={"title": "M", "duration_minutes": 90}).json["id"]
    new = {"movie_id": movie, "screen_id": screen["id"], "starts_at": "2030-01-01T20:00Z"}
    show = staff.post("/api/shows", json=new).json["id"]
    maria.post(f"/api/shows/{show}/book", json={"seats": ["B9", "B10"]})

    changed = curl(change, screens=screen["id"])

    assert changed.status_code == 200
    plan_id = changed.json["screen"]["plan_id"]
    expected = EXAMPLES[1]
    expected["screen"] |= {"id": screen["id"], "plan_id": plan_id}
    expected["shows_kept"][0]["show"] = show
    assert changed.json == expected
    assert curl(plan, plans=plan_id).json["total_seats"] == 18
    assert curl(drawing, plans=plan_id).mimetype == "image/svg+xml"
    assert "B9 · Standard · booked" in curl(seats, shows=show).text
