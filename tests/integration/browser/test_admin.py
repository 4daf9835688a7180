"""The staff pages of a new cinema in a browser, from a phone to a wide screen."""

import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.integration.browser.conftest import Complaints
from tests.integration.running_server import COMMAND, RunningServer, environment, running_server

pytestmark = pytest.mark.browser

PASSWORD = "a long pass phrase"
TELEPHONE: ViewportSize = {"width": 375, "height": 800}
WIDE: ViewportSize = {"width": 1600, "height": 900}
JOHN = {"username": "john", "password": "securepass123", "email": "john@example.com"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    home = tmp_path_factory.mktemp("cinema")
    for args in (["migrate"], ["create-admin", "anna"]):
        subprocess.run(
            [*COMMAND, *args], env=environment(home), input=f"{PASSWORD}\n", text=True, check=True
        )
    with running_server(home, "serve", "--workers", "2") as server:
        yield server
        assert "Traceback" not in server.printed, server.printed


@pytest.fixture
def telephone(browser: Browser, server: RunningServer) -> Iterator[Page]:
    context = browser.new_context(base_url=server.url, viewport=TELEPHONE, has_touch=True)
    page = context.new_page()
    complaints = Complaints(page, server.url)
    yield page
    context.close()
    assert complaints.found == []


def log_in(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_label("Username or email address").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def token_of(server: RunningServer, **who: str) -> str:
    return str(server.call("POST", "/api/login/", who).json["access"])


def add_movie(page: Page, title: str) -> None:
    page.get_by_role("link", name="Movies").click()
    page.get_by_role("link", name="Add movie").click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Running time in minutes").fill("148")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text(f"{title} was added.")


def add_show(page: Page, movie: str, screen: str, seats: int, starts_at: datetime) -> int:
    page.get_by_role("link", name="Programme").click()
    page.get_by_role("link", name="Add show").click()
    page.get_by_label("Movie").select_option(label=f"{movie} (148 min)")
    page.get_by_label("Start").fill(f"{starts_at:%Y-%m-%dT%H:%M}")
    page.get_by_label("New screen").fill(screen)
    page.get_by_label("Seats", exact=True).fill(str(seats))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("was added.")
    return int(page.url.rpartition("/")[2])


def test_the_workflow_of_document_002(page, server):
    server.call("POST", "/api/signup/", JOHN)
    log_in(page)
    add_movie(page, "Inception")
    show = add_show(
        page, "Inception", "Screen 1", 50, datetime.now(UTC).replace(hour=23, minute=59)
    )
    expect(page.locator("main")).to_contain_text("0 sold, 50 free, of 50")

    token = token_of(server, username="john", password="securepass123")
    booked = server.call("POST", f"/api/shows/{show}/book/", {"seat_number": 5}, token)
    assert booked.status == 201

    page.reload()
    expect(page.locator("main")).to_contain_text("1 sold, 49 free, of 50")
    page.locator(".seat-map a", has_text="A5").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(booked.json["reference"])
    expect(page.locator("main")).to_contain_text("john@example.com")

    page.get_by_role("link", name="Cancel booking").click()
    page.get_by_role("button", name="Cancel booking").click()
    expect(page.get_by_role("status")).to_contain_text("was cancelled.")
    mine = server.call("GET", "/api/my-bookings/", token=token).json["results"]
    assert [booking["status"] for booking in mine] == ["CANCELLED"]

    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("status")).to_have_text("You are logged out.")


def test_the_workflow_works_on_a_phone(telephone, server):
    log_in(telephone)
    add_movie(telephone, "Alien")
    tomorrow = datetime.now(UTC).replace(hour=20, minute=0) + timedelta(days=1)
    show = add_show(telephone, "Alien", "Studio", 12, tomorrow)

    jane = JOHN | {"username": "jane", "email": "jane@example.com"}
    server.call("POST", "/api/auth/signup", jane)
    token = token_of(server, username="jane", password=JOHN["password"])
    booked = server.call("POST", f"/api/shows/{show}/book", {"seats": ["A1", "A2"]}, token)
    assert booked.status == 201, booked.body

    telephone.get_by_role("link", name="Timetable").tap()
    telephone.locator("a.show", has_text="Alien").tap()
    expect(telephone.get_by_role("heading", level=1)).to_have_text(f"Show {show}: Alien")

    telephone.get_by_role("link", name="Cancel show").tap()
    telephone.get_by_role("button", name="Cancel show").tap()
    expect(telephone.get_by_role("status")).to_have_text(f"Show {show} was cancelled.")
    row = telephone.locator("#bookings tbody tr")
    expect(row).to_contain_text("jane, jane@example.com")
    expect(row).to_contain_text("Cancelled with the show")
    assert telephone.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]


@pytest.fixture(scope="module")
def season(server: RunningServer) -> int:
    """A day of shows on six screens, one with sold seats."""
    token = token_of(server, username="anna", password=PASSWORD)
    titles = "The Cook, the Thief, His Wife & Her Lover", "Tetaumatawhakatangihanga" * 4
    movies = [
        server.call("POST", "/api/movies", {"title": title, "duration_minutes": 120}, token).json
        for title in titles
    ]
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    for number in range(24):
        new = {
            "movie_id": movies[number % 2]["id"],
            "screen_name": f"Large screen {number % 6}",
            "total_seats": 400,
            "starts_at": (day + timedelta(hours=10 + 3 * (number // 6))).isoformat(),
        }
        show = server.call("POST", "/api/shows", new, token)
        assert show.status == 201, show.body
    server.call("POST", f"/api/shows/{show.json['id']}/book", {"seats": ["A1", "B2"]}, token)
    return int(show.json["id"])


def test_an_error_is_announced_when_its_field_gets_the_focus(unwatched, season):
    log_in(unwatched)
    unwatched.goto("/admin/shows/new")
    unwatched.get_by_label("Movie").select_option(index=1)
    unwatched.get_by_label("Seats", exact=True).fill("0")
    unwatched.get_by_role("button", name="Save").click()

    field = unwatched.get_by_label("New screen")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("Choose a screen or enter the name of a new one.")
    seats = unwatched.get_by_label("Seats", exact=True)
    expect(seats).to_have_accessible_description(re.compile("^Required for a new screen"))


@pytest.mark.parametrize("viewport", [TELEPHONE, WIDE])
def test_a_seat_plan_is_previewed_and_saved(page, server, tmp_path, viewport):
    page.set_viewport_size(viewport)
    file = tmp_path / "lounge.toml"
    file.write_text('[[sections]]\nrows = "A: 1+ 2 . 3..5\\nB: 1..5"\n')
    name = f"Lounge {viewport['width']}"
    log_in(page)
    page.goto("/admin/seat-plans/new")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Seat plan", exact=True).set_input_files(file)
    page.get_by_role("button", name="Preview").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(f"Preview of {name}")
    expect(page.locator(".seat-map svg circle")).to_have_count(9)
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]

    page.get_by_role("button", name="Save this plan").click()
    expect(page.get_by_role("status")).to_have_text(f"{name} was added.")


@pytest.mark.parametrize("viewport", [TELEPHONE, WIDE])
def test_every_page_fits_its_screen(page, season, viewport):
    page.set_viewport_size(viewport)
    log_in(page)
    day = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"
    for path in (
        f"/admin/?day={day}",
        "/admin/movies",
        "/admin/movies/new",
        "/admin/movies/1",
        "/admin/screens",
        "/admin/screens/1",
        "/admin/screens/1/retire",
        "/admin/seat-plans/new",
        "/admin/seat-plans/1",
        "/admin/shows/new",
        f"/admin/shows/{season}",
        f"/admin/shows/{season}/seats",
        f"/admin/shows/{season}/edit",
        f"/admin/shows/{season}/cancel",
        "/admin/bookings",
        "/admin/customers/1",
        f"/admin/occupancy?day={day}",
        "/admin/trail",
    ):
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert (path, width) == (path, viewport["width"])


def test_the_columns_of_the_timetable_do_not_overlap(page, season):
    log_in(page)
    page.goto(f"/admin/?day={datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}")
    boxes = [block.bounding_box() for block in page.locator("svg a.show").all()]
    assert len(boxes) == 24
    first, *others = [box for box in boxes if box is not None]
    assert first["height"] == pytest.approx(120 * 1.1, abs=3)
    for box in others:
        apart = box["x"] - first["x"] > first["width"] or box["y"] - first["y"] > first["height"]
        assert apart
