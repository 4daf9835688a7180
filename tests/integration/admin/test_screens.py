"""Screens and their seat plans in the staff's pages."""

import html
import json
import re
from io import BytesIO

import pytest

from tests.builders import a_screen
from tests.integration.admin.browser import ALL, announced_by, text_of
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.entrypoints.http.web.request_body import MAX_UPLOAD_BYTES

NEW = "/admin/seat-plans/new"
GRID = {"name": " Hall 1 ", "rows": "8", "seats_per_row": "12"}
TOML = """
[[categories]]
name = "Chair & table"
color = "#abc"

[[sections]]
name = "Stalls"
rows = "A: 1+ 2 . 3..5\\nB: 1..6"
"""
A_BEND = """
[[sections]]
[[sections.rows]]
name = "A"
seats = [{ name = "1", x = 0, y = 0 }, { name = "2", x = 25, y = 0 }, { name = "3", x = 0, y = 25 }]
"""
ONE_GUID = {
    "name": "pretix",
    "categories": [{"name": "Chair", "color": "#abc"}],
    "zones": [
        {
            "position": {"x": 0, "y": 0},
            "rows": [
                {
                    "row_number": "A",
                    "seats": [
                        {
                            "seat_guid": "same",
                            "uuid": f"{number}",
                            "seat_number": f"{number}",
                            "category": "Chair",
                            "position": {"x": 25 * number, "y": 0},
                        }
                        for number in (1, 2)
                    ],
                }
            ],
        }
    ],
}


@pytest.fixture
def screens(cinema):
    def listed():
        return {
            screen.name: screen for screen in cinema.office.queries.programme.screens(ALL).items
        }

    return listed


@pytest.fixture
def screen(cinema):
    return cinema.office.screens.add(a_screen("Hall 1"))


@pytest.fixture
def path(screen):
    return f"/admin/seat-plans/{screen.id}"


def uploaded(content, name="plan.toml"):
    return BytesIO(content if isinstance(content, bytes) else content.encode()), name


def saved(staff, preview):
    """Press the button of a preview."""
    hidden = dict(
        re.findall(r'<input[^>]*name="(\w+)"[^>]*type="hidden"[^>]*value="([^"]*)"', preview.text)
    )
    fields = {name: html.unescape(value) for name, value in hidden.items()}
    assert fields.keys() == {"csrf_token", "name", "plan"}
    return staff.post(preview.request.path, fields, follow_redirects=True)


def last_entry(cinema):
    entry = cinema.office.queries.audit.audit_entries(ALL).items[0]
    return entry.action, entry.account_id


def staff_id(cinema):
    return cinema.office.queries.accounts.account_named("staff").id


class TestNewScreen:
    def test_it_is_saved_as_the_preview_shows_it(self, staff, cinema, screens):
        preview = staff.submit(NEW, file=uploaded(TOML), name="Hall 1")

        assert preview.status_code == 200
        assert "Preview of Hall 1 Nothing is saved yet." in text_of(preview)
        assert "11 seats in 2 rows, the longest with 6" in text_of(preview)
        assert "<title>A1 · Chair &amp; table · wheelchair space</title>" in preview.text
        assert screens() == {}

        answer = saved(staff, preview)

        assert "Hall 1 was added." in text_of(answer)
        plan = screens()["Hall 1"].plan
        assert answer.request.path == f"/admin/screens/{screens()['Hall 1'].id}"
        assert [len(row.blocks) for row in plan.rows] == [2, 1]
        assert last_entry(cinema) == ("screen.added", staff_id(cinema))

    def test_rows_of_equal_length(self, staff, screens):
        preview = staff.submit(NEW, **GRID)
        assert "96 seats in 8 rows, the longest with 12" in text_of(preview)

        saved(staff, preview)

        assert screens()["Hall 1"].plan == plain_grid(96, 12)

    @pytest.mark.parametrize(
        ("wrong", "field", "fault"),
        [
            ({"name": ""}, "name", "This field is required."),
            ({"name": "x" * 101}, "name", "At most 100 characters."),
            ({"rows": "0"}, "rows", "A whole number from 1 to 20000."),
            ({"rows": "200", "seats_per_row": "101"}, "rows", "A room has 1 to 20000 seats."),
            ({"rows": "9" * 4000}, "rows", "A whole number from 1 to 20000."),
            ({"seats_per_row": "True"}, "seats_per_row", "Not a valid integer value."),
            ({"rows": ""}, "file", "Choose a file, or enter rows and seats per row."),
            ({"stage": "behind"}, "stage", "Not a valid choice."),
        ],
    )
    def test_an_error_is_shown_beside_its_field(self, staff, screens, wrong, field, fault):
        answer = staff.submit(NEW, **GRID | wrong)

        assert answer.status_code == 422
        assert announced_by(answer, field).startswith(f"invalid: {fault}")
        assert answer.text.count("invalid-feedback") == 1
        assert not screens()

    def test_a_name_that_is_taken_is_refused_before_the_preview(self, staff, screen):
        answer = staff.submit(NEW, **GRID | {"name": "HALL 1"})

        assert answer.status_code == 409
        assert "Another screen has this name." in text_of(answer)
        assert 'value="HALL 1"' in answer.text

    def test_a_name_that_is_taken_after_the_preview_is_refused(self, staff, cinema, screens):
        preview = staff.submit(NEW, **GRID)
        cinema.office.screens.add(a_screen("Hall 1"))

        answer = saved(staff, preview)

        assert answer.status_code == 409
        assert "Another screen has this name." in text_of(answer)
        assert "96 seats in 8 rows" in text_of(answer)


class TestFiles:
    @pytest.mark.parametrize(
        ("content", "name", "labels"),
        [
            ("\ufeffA1;A2;;A3+\n", "Hall.CSV", ["A1", "A2", "A3"]),
            ('{"sections": [{"rows": "A: 1..2"}]}', "plan.json", ["A1", "A2"]),
            (TOML, "plan.toml", None),
        ],
    )
    def test_formats(self, staff, screens, content, name, labels):
        saved(staff, staff.submit(NEW, file=uploaded(content, name), name="Hall 1"))

        seats = [seat.label for seat in screens()["Hall 1"].plan.seats()]
        assert labels is None or seats == labels

    def test_every_fault_is_listed_with_its_place(self, staff, screens):
        wrong = TOML.replace("#abc", "red").replace("B: 1..6", "B: 1..x")

        answer = staff.submit(NEW, file=uploaded(wrong), name="Hall 1")

        assert answer.status_code == 422
        assert announced_by(answer, "file") == "invalid: Faults in this file: 2. See the list."
        assert "/categories/0/color : A color is #rgb or #rrggbb." in text_of(answer)
        assert "/sections/0/rows : Line 2" in text_of(answer)
        assert not screens()

    def test_many_faults_are_cut(self, staff):
        wrong = "\n".join("!" for _ in range(150))

        answer = staff.submit(NEW, file=uploaded(wrong, "plan.csv"), name="Hall 1")

        assert answer.text.count("<code>") == 100
        assert "And 50 more places." in text_of(answer)

    def test_texts_of_a_file_are_escaped(self, staff):
        evil = "</script><b>"
        answer = staff.submit(
            NEW, file=uploaded(f'{{"{evil}": 1, "sections": []}}', "plan.json"), name="Hall 1"
        )
        assert answer.status_code == 422
        assert "<b>" not in answer.text
        assert "&lt;" in answer.text

    @pytest.mark.parametrize(
        ("content", "name"),
        [
            (TOML.encode("utf-16"), "plan.csv"),
            (b"", "plan.toml"),
            (b"\x00" * 1000, "plan.json"),
            (b"[" * 100_000, "plan.json"),
            (b'{"sections": [{"grid": {"rows": 1e9, "seats_per_row": 1}}]}', "plan.json"),
            (TOML.encode(), "plan.exe"),
            (TOML.encode(), "../../etc/passwd"),
            (TOML.encode(), "\x00.toml"),
        ],
    )
    def test_a_file_that_is_no_plan_is_refused(self, staff, screens, content, name):
        answer = staff.submit(NEW, file=uploaded(content, name), name="Hall 1")

        assert (answer.status_code, screens()) in ((422, {}), (200, {}))
        if answer.status_code == 422:
            assert announced_by(answer, "file").startswith("invalid: Faults in this file: ")

    def test_a_warning_is_shown_in_the_preview(self, staff):
        preview = staff.submit(NEW, file=uploaded(A_BEND), name="Hall 1")

        assert preview.status_code == 200
        assert "Warnings /sections/0/rows/0 :" in text_of(preview)

    def test_the_stage_can_be_chosen(self, staff, screens):
        saved(staff, staff.submit(NEW, file=uploaded(TOML), name="Hall 1", stage="left"))

        assert screens()["Hall 1"].plan.stage == "left"

    def test_a_repeated_guid_is_refused_unless_seats_have_uuids(self, staff, screens):
        file = json.dumps(ONE_GUID), "plan.json"
        refused = staff.submit(NEW, file=uploaded(*file), name="Hall 1")
        assert "'same' is used at /zones/0/rows/0/seats/0" in text_of(refused)

        saved(staff, staff.submit(NEW, file=uploaded(*file), name="Hall 1", by_uuid="y"))

        assert screens()["Hall 1"].plan.total_seats == 2

    def test_the_largest_room_fits_into_its_preview(self, staff, screens):
        rows = "\n".join(f"R{row}: 1..100" for row in range(200))
        file = f'[[sections]]\nname = "Arena"\nrows = """\n{rows}\n"""'

        preview = staff.submit(NEW, file=uploaded(file), name="Arena")
        saved(staff, preview)

        assert len(preview.data) < MAX_UPLOAD_BYTES
        assert screens()["Arena"].plan.total_seats == 20_000

    def test_a_form_that_is_too_large_gets_an_error_page(self, staff, screens):
        answer = staff.post(
            NEW, b"#" * (MAX_UPLOAD_BYTES + 1), content_type="multipart/form-data; boundary=x"
        )

        assert answer.status_code == 413
        assert "This is more than a form may hold." in text_of(answer)

    def test_a_body_that_is_not_a_form_gets_an_error_page(self, staff):
        for type_ in ("application/json", "text/csv", ""):
            answer = staff.post(NEW, b"{}", content_type=type_)
            assert answer.status_code == 415
        assert staff.post(NEW, b"--x", content_type="multipart/form-data").status_code == 400
        assert (
            staff.post(NEW, b"\xff", content_type="multipart/form-data; boundary=x").status_code
            == 400
        )

    def test_a_preview_cannot_be_made_up(self, staff, screens):
        token = staff.token(NEW)

        answer = staff.post(NEW, {"csrf_token": token, "name": "Hall 1", "plan": "e30.x"})

        assert answer.status_code == 400
        assert "This preview has expired." in text_of(answer)
        assert not screens()


class TestNewPlan:
    def show(self, cinema, screen, hours):
        return cinema.show(hours=hours, screen=screen, plan=screen.plan)

    def test_shows_that_would_follow_and_stay_are_listed_first(self, staff, cinema, screen, path):
        free, sold = self.show(cinema, screen, 5), self.show(cinema, screen, 10)
        cinema.booked(sold, "A1", "A2")

        preview = staff.submit(path, rows="4", seats_per_row="5")

        kept, changed = text_of(preview).split("These get the new plan:")
        assert f"Show {sold.id} : Metropolis" in kept
        assert "(A1, A2)" in kept
        assert f"Show {free.id} : Metropolis" in changed
        assert {show.plan.total_seats for show in cinema.shows()} == {50}

        answer = saved(staff, preview)

        assert "Shows that have it now: 1. Shows that keep theirs: 1." in text_of(answer)
        assert {show.id: show.plan.total_seats for show in cinema.shows()} == {
            free.id: 20,
            sold.id: 50,
        }
        assert "20 seats in 4 rows" in text_of(answer)

    def test_faults_change_nothing(self, staff, screens, path):
        assert staff.submit(path, file=uploaded("x")).status_code == 422
        assert staff.submit(path, rows="0", seats_per_row="1").status_code == 422

        assert screens()["Hall 1"].plan.total_seats == 50

    def test_an_unknown_screen(self, staff):
        assert staff.get("/admin/seat-plans/9999").status_code == 404


class TestScreen:
    def test_it_is_drawn(self, staff, screen):
        page = staff.get(f"/admin/screens/{screen.id}")

        assert "50 seats in 5 rows, the longest with 10" in text_of(page)
        assert "<title>A1 · Standard</title>" in page.text
        assert "Hall 1 5 10 50" in text_of(staff.get("/admin/screens"))

    def test_a_large_room_is_drawn_by_section(self, staff, cinema):
        screen = cinema.office.screens.add(a_screen("Arena", plain_grid(4000, 50)))
        page = staff.get(f"/admin/screens/{screen.id}")
        assert "<title>A1" not in page.text
        assert f'href="/admin/screens/{screen.id}?section=Stalls"' in page.text

        assert "<title>A1" in staff.get(f"/admin/screens/{screen.id}?section=Stalls").text
        assert "<title>A1" not in staff.get(f"/admin/screens/{screen.id}?section=x").text

    def test_it_is_renamed(self, staff, cinema, screens, screen):
        answer = staff.submit(f"/admin/screens/{screen.id}", follow=True, name="Studio")

        assert "The screen is called Studio now." in text_of(answer)
        assert list(screens()) == ["Studio"]
        assert last_entry(cinema) == ("screen.changed", staff_id(cinema))

    def test_a_name_that_is_taken_is_refused(self, staff, cinema, screen):
        cinema.office.screens.add(a_screen("Studio"))

        answer = staff.submit(f"/admin/screens/{screen.id}", name="STUDIO")

        assert answer.status_code == 409
        assert "Another screen has this name." in text_of(answer)

    def test_it_is_retired_and_reopened_after_confirmation(self, staff, screens, screen):
        retire = f"/admin/screens/{screen.id}/retire"
        assert "Retire Hall 1?" in text_of(staff.get(retire))
        assert not screens()["Hall 1"].is_retired

        answer = staff.submit(retire, follow=True)

        assert "Hall 1 is retired. Hall 1 Retired" in text_of(answer)
        assert screens()["Hall 1"].is_retired
        staff.submit(f"/admin/screens/{screen.id}/reopen")
        assert not screens()["Hall 1"].is_retired

    def test_a_retired_screen_gets_no_show(self, staff, cinema, screen):
        old = cinema.show(screen=screen)
        cinema.office.screens.change(screen.id, retired=True)
        movie = cinema.movie()
        option = f'value="{screen.id}">Hall 1'
        assert option not in staff.get("/admin/shows/new").text
        assert option in staff.get(f"/admin/shows/{old.id}/edit").text

        answer = staff.submit(
            "/admin/shows/new",
            movie_id=movie.id,
            screen_id=screen.id,
            starts_at="2026-12-24T20:00",
            screen_name="",
            total_seats="",
        )

        assert answer.status_code == 409
        assert "This screen is retired" in text_of(answer)
