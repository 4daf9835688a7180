"""Seat plans over HTTP: to add, to change, to read and to draw."""

import json
from xml.etree import ElementTree

import pytest

from ticketing.entrypoints.http.web.request_body import MAX_UPLOAD_BYTES

ROOM = {
    "focal_point": [10, 20],
    "categories": [{"name": "Chair", "color": "#123"}, {"name": "Sofa", "color": "#e8a33d"}],
    "sections": [
        {
            "name": "Stalls",
            "rows": "A: 1..3\nB: 1+ 2 . 3",
            "exceptions": [{"rows": "B", "seats": "2", "companion_of": "1", "category": "Sofa"}],
        },
        {"name": "Balcony", "level": "1", "position": [0, 200], "rows": "C: 1..4"},
    ],
}
SMALLER = {"sections": [{"name": "Stalls", "rows": "A: 1..3"}]}
FOR_EVER = "public, max-age=31536000, immutable"
SVG = "{http://www.w3.org/2000/svg}"


def in_sections(*rows):
    """Return a plan with a section of one row for each of ``rows``."""
    return {"sections": [{"name": f"S{n}", "rows": row} for n, row in enumerate(rows)]}


def one_by_one(*seats, **more):
    return {"sections": [{"name": "Stalls", "rows": [{"name": "A", "seats": seats}]}], **more}


@pytest.fixture
def screen(staff):
    added = staff.post("/api/screens", json={"name": "Screen 1", "plan": ROOM})
    assert added.status_code == 201, added.json
    return added.json


@pytest.fixture
def plan_path(screen):
    return f"/api/screens/{screen['id']}/plan"


@pytest.fixture
def add_show(staff, screen):
    movie = staff.post("/api/movies", json={"title": "M", "duration_minutes": 90}).json["id"]

    def add(day):
        show = {"movie_id": movie, "screen_id": screen["id"], "starts_at": f"2030-01-{day}T20:00Z"}
        return staff.post("/api/shows", json=show).json

    return add


class TestNewScreens:
    def test_a_screen_has_a_plan_of_our_format(self, staff, screen):
        assert (screen["total_seats"], screen["rows"], screen["warnings"]) == (10, None, {})
        assert staff.get("/api/screens").json["results"][0]["plan_id"] == screen["plan_id"]

    def test_a_screen_has_a_plan_of_pretix(self, staff):
        seat = {"seat_guid": "x", "seat_number": "1", "category": "Chair"}
        plan = {
            "name": "Room",
            "size": {"width": 100, "height": 100},
            "categories": [{"name": "Chair", "color": "#123456"}],
            "zones": [
                {
                    "name": "Left",
                    "position": {"x": 0, "y": 0},
                    "rows": [
                        {
                            "row_number": "7",
                            "position": {"x": 0, "y": 0},
                            "seats": [
                                {**seat, "uuid": "1", "position": {"x": 0, "y": 0}},
                                {**seat, "uuid": "2", "seat_number": "2",
                                 "position": {"x": 25, "y": 0}},
                            ],
                        }
                    ],
                }
            ],
        }  # fmt: skip
        room = {"name": "Room", "plan": plan}

        refused = staff.post("/api/screens", json=room)
        assert (refused.status_code, refused.json["code"]) == (422, "invalid_plan")
        added = staff.post("/api/screens?identity=uuid", json=room)
        assert (added.status_code, added.json["total_seats"]) == (201, 2)

    def test_a_dry_run_saves_nothing(self, staff):
        uneven = [{"name": str(n), "x": 25 * n, "y": 300 * (n % 2)} for n in range(6)]
        room = {"name": "Room", "plan": one_by_one(*uneven)}

        answer = staff.post("/api/screens?dry_run=true", json=room)

        assert (answer.status_code, answer.json["id"], answer.json["plan_id"]) == (200, 0, 0)
        assert list(answer.json["warnings"]) == ["/sections/0/rows/0"]
        assert staff.get("/api/screens").json["count"] == 0
        assert staff.post("/api/screens?dry_run=false", json=room).status_code == 201
        refused = staff.post("/api/screens?dry_run=true", json=room)
        assert refused.json["code"] == "screen_name_taken"

    @pytest.mark.parametrize(
        ("body", "query", "field"),
        [
            ({"plan": SMALLER, "rows": 2}, "", "plan"),
            ({"rows": 2}, "", "seats_per_row"),
            ({"plan": None}, "", "plan"),
            ({"plan": SMALLER}, "?dry_run=yes", "dry_run"),
            ({"plan": SMALLER}, "?identity=name", "identity"),
        ],
    )
    def test_the_seats_are_given_once(self, staff, plan_path, body, query, field):
        new = staff.post(f"/api/screens{query}", json={"name": "Room", **body})
        changed = staff.put(f"{plan_path}{query}", json=body)

        for refused in (new, changed):
            assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


class TestAnotherPlan:
    def test_shows_without_bookings_follow(self, staff, maria, guest, plan_path, add_show, screen):
        free, booked = add_show("01"), add_show("02")
        maria.post(f"/api/shows/{booked['id']}/book", json={"seats": ["C1", "A2"]})

        preview = staff.put(f"{plan_path}?dry_run=true", json={"plan": SMALLER}).json
        assert guest.get(f"/api/shows/{free['id']}").json["total_seats"] == 10
        saved = staff.put(plan_path, json={"plan": SMALLER}).json

        listed = {
            "shows_changed": [free["id"]],
            "shows_kept": [{"show": booked["id"], "seats": ["A2", "C1"]}],
            "warnings": {},
        }
        assert preview == {**listed, "screen": preview["screen"]}
        assert preview["screen"]["total_seats"] == 3
        assert saved == {**listed, "screen": saved["screen"]}
        new, old = (guest.get(f"/api/shows/{show['id']}").json for show in (free, booked))
        assert (new["plan_id"], new["total_seats"]) == (saved["screen"]["plan_id"], 3)
        assert (old["plan_id"], old["total_seats"]) == (screen["plan_id"], 10)

    def test_a_repeated_call_names_the_plan(self, staff, plan_path):
        grid = {"rows": 2, "seats_per_row": 5}
        once, again, preview = (
            staff.put(f"{plan_path}{query}", json=grid).json for query in ("", "", "?dry_run=true")
        )
        assert once["screen"]["plan_id"]
        assert once["screen"]["rows"] == 2
        assert preview["screen"] == again["screen"] == once["screen"]

    @pytest.mark.parametrize("body", [{}, {"plan": SMALLER}, {"plan": {}}])
    def test_an_unknown_screen_is_not_found(self, staff, body):
        refused = staff.put("/api/screens/99/plan", json=body)
        assert (refused.status_code, refused.json["code"]) == (404, "screen_not_found")


class TestFaults:
    @pytest.mark.parametrize(
        "plan",
        [
            {},
            [],
            "A: 1..3",
            in_sections("A: ."),
            in_sections("A: 1..20000", "B: 1"),
            in_sections("A: 1..1000000000"),
            in_sections(*["A: 1"] * 10_000),
            in_sections("A: 1 a", "B: 1 1"),
            in_sections("A: a A"),
            one_by_one(),
            one_by_one({"name": "1", "x": 1e308, "y": 0}),
            one_by_one({"name": "1", "x": 0, "y": 0}, {"name": "2", "x": 0, "y": 0}),
            one_by_one({"name": "\u200b", "x": 0, "y": 0}),
            one_by_one({"name": "1" * 10_000, "x": 0, "y": 0}),
            one_by_one({"name": "1", "x": 0, "y": 0, "companion_of": ["2"]}),
            {"sections": [{"name": "</script>" * 20, "rows": "A: 1"}]},
            {**SMALLER, "categories": [{"name": "Chair", "color": '#123" onload="alert(1)'}]},
            {"sections": [{"name": "S", "grid": {"rows": 10**9, "seats_per_row": 1}}]},
            {
                "sections": [
                    {
                        "name": "S",
                        "arc": {"rows": 1, "seats_per_row": 3, "radius": 0, "degrees": 90},
                    }
                ]
            },
        ],
        ids=lambda plan: json.dumps(plan)[:60],
    )
    def test_an_invalid_plan_names_its_faults(self, staff, plan_path, plan):
        new = staff.post("/api/screens", json={"name": "Room", "plan": plan})
        changed = staff.put(plan_path, json={"plan": plan})

        for refused in (new, changed):
            assert (refused.status_code, refused.json["code"]) == (422, "invalid_plan")
            assert refused.json["error_count"] >= 1
            assert all(where == "" or where[0] == "/" for where in refused.json["errors"])
            assert len(refused.data) < 50_000

    def test_a_number_that_json_does_not_have_is_refused(self, staff, plan_path):
        body = json.dumps({"plan": one_by_one({"name": "1", "x": float("nan"), "y": 0})})
        refused = staff.put(plan_path, data=body, content_type="application/json")
        assert refused.status_code == 400

    def test_the_first_hundred_faults_are_listed(self, staff, plan_path):
        seats = [{"name": str(n), "x": "", "y": ""} for n in range(200)]
        refused = staff.put(plan_path, json={"plan": one_by_one(*seats)}).json

        assert refused["error_count"] >= 400
        assert sum(map(len, refused["errors"].values())) == 100

    def test_a_large_plan_is_accepted_and_a_larger_one_is_for_the_command_line(
        self, staff, plan_path
    ):
        seats = [{"name": str(n), "x": n, "y": 0} for n in range(20_000)]
        large = {"plan": one_by_one(*seats)}

        assert staff.put(f"{plan_path}?dry_run=true", json=large).status_code == 200
        body = b'{"plan": {}}' + b" " * MAX_UPLOAD_BYTES
        for method, path in (("POST", "/api/screens"), ("PUT", plan_path)):
            refused = staff.open(path, method=method, data=body, content_type="application/json")
            assert refused.status_code == 413
            assert "1024 KiB" in refused.json["detail"]
            assert "`ticketing import-plan`" in refused.json["detail"]

    def test_others_are_refused_before_the_plan_is_read(self, guest, maria, plan_path):
        for client, status in ((guest, 401), (maria, 403)):
            for method, path in (("POST", "/api/screens"), ("PUT", plan_path)):
                assert client.open(path, method=method, data=b"{").status_code == status


class TestPlans:
    def test_a_plan_has_all_that_a_client_draws(self, guest, screen):
        answer = guest.get(f"/api/plans/{screen['plan_id']}")

        plan = answer.json
        seats = plan.pop("seats")
        assert plan == {
            "id": screen["plan_id"],
            "total_seats": 10,
            "stage": "top",
            "focal_point": [10, 20],
            "categories": ROOM["categories"],
            "sections": [
                {"name": "Stalls", "level": "", "seats": 6},
                {"name": "Balcony", "level": "1", "seats": 4},
            ],
        }
        assert [seat["number"] for seat in seats] == [*range(1, 11)]
        assert seats[4] == {
            "number": 5,
            "label": "B2",
            "section": "Stalls",
            "row": "B",
            "name": "2",
            "column": 2,
            "level": "",
            "x": 25,
            "y": 25,
            "category": "Sofa",
            "features": ["companion"],
            "companion_of": [4],
        }

    @pytest.mark.parametrize("path", ["", "/drawing.svg", "/drawing.svg?section=Stalls"])
    def test_a_plan_is_kept_for_ever(self, guest, maria, screen, path):
        path = f"/api/plans/{screen['plan_id']}{path}"
        answer = maria.get(path)
        etag = answer.headers["ETag"]

        assert etag.startswith('"')
        assert answer.headers["Cache-Control"] == FOR_EVER
        for sent in (etag, f"W/{etag}"):
            unchanged = guest.get(path, headers={"If-None-Match": sent})
            assert unchanged.status_code == 304
            assert unchanged.headers["ETag"] == etag
            assert unchanged.headers["Cache-Control"] == FOR_EVER
        assert guest.get(path, headers={"If-None-Match": '"other"'}).data == answer.data

    def test_plans_have_drawings_of_their_own(self, guest, staff, screen, plan_path):
        changed = staff.put(plan_path, json={"plan": SMALLER}).json["screen"]
        drawings = {
            guest.get(f"/api/plans/{plan_id}/drawing.svg{section}").text
            for plan_id in (screen["plan_id"], changed["plan_id"])
            for section in ("", "?section=Stalls")
        }
        assert len(drawings) == 4

    @pytest.mark.parametrize("path", ["", "/drawing.svg"])
    @pytest.mark.parametrize("plan_id", ["0", "999999", "9" * 30])
    def test_an_unknown_plan_is_not_found(self, guest, plan_id, path):
        assert guest.get(f"/api/plans/{plan_id}{path}").json["code"] == "plan_not_found"

    @pytest.mark.parametrize("plan_id", ["-1", "x", "1.0", "%00"])
    def test_a_malformed_id_is_not_found(self, guest, plan_id):
        assert guest.get(f"/api/plans/{plan_id}").status_code == 404
        assert guest.get(f"/api/plans/{plan_id}/drawing.svg").status_code == 404


class TestDrawings:
    @pytest.fixture
    def path(self, add_show):
        return f"/api/shows/{add_show('01')['id']}/seats"

    def test_a_drawing_of_a_show_has_the_etag_of_its_map(self, guest, maria, path):
        etag = guest.get(path).headers["ETag"]
        drawing = guest.get(f"{path}.svg")
        assert drawing.headers["ETag"] == etag
        assert drawing.headers["Cache-Control"] == "no-cache"
        assert drawing.mimetype == "image/svg+xml"
        unchanged = guest.get(f"{path}.svg", headers={"If-None-Match": etag})
        assert (unchanged.status_code, unchanged.headers["ETag"]) == (304, etag)

        maria.post(path.replace("seats", "book"), json={"seats": ["B2"]})
        sold = maria.get(f"{path}.svg", headers={"If-None-Match": etag})
        assert (sold.status_code, sold.headers["ETag"]) == (200, guest.get(path).headers["ETag"])
        assert "B2 · Sofa · companion · booked" in sold.text
        assert "B2 · Sofa · companion · available" in drawing.text

    def test_one_section_is_drawn(self, guest, path):
        drawn = ElementTree.fromstring(guest.get(f"{path}.svg?section=Balcony").text)
        seats = [str(title.text) for title in drawn.iterfind(f".//{SVG}circle/{SVG}title")]
        assert [seat[:2] for seat in seats] == ["C1", "C2", "C3", "C4"]

    @pytest.mark.parametrize("name", ["", "stalls", "Nowhere", "%00", "%22%20onload=x"])
    def test_an_unknown_section_is_not_found(self, guest, path, screen, name):
        for drawing in (f"{path}.svg", f"/api/plans/{screen['plan_id']}/drawing.svg"):
            refused = guest.get(f"{drawing}?section={name}")
            assert (refused.status_code, refused.json["code"]) == (404, "section_not_found")

    def test_the_drawing_of_an_unknown_show_is_not_found(self, guest):
        assert guest.get("/api/shows/99/seats.svg").json["code"] == "show_not_found"

    def test_a_drawing_runs_no_script(self, guest, staff):
        room = in_sections("R&'b: 1..2", "R&'b: 1..2")
        room["sections"][1]["position"] = [0, 100]
        added = staff.post("/api/screens", json={"name": "Room", "plan": room}).json

        drawing = guest.get(f"/api/plans/{added['plan_id']}/drawing.svg")

        policy = drawing.headers["Content-Security-Policy"]
        assert policy == "default-src 'none'; frame-ancestors 'none'"
        found = [*ElementTree.fromstring(drawing.text).iter()]
        assert "R&'b" in {one.text for one in found}
        assert not [one for one in found if one.tag.removeprefix(SVG) in ("script", "style")]
        assert not [name for one in found for name in one.attrib if name.startswith("on")]


def test_the_cinema_has_a_name_and_a_time_zone(make_app):
    app = make_app(CINEMA_NAME="Metropolis", TIMEZONE="Europe/London")

    cinema = app.test_client().get("/api/cinema")

    assert cinema.json == {"name": "Metropolis", "timezone": "Europe/London"}
