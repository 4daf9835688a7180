"""The API documentation in a browser without internet access."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.integration.browser.conftest import new_page
from tests.integration.running_server import RunningServer

pytestmark = pytest.mark.browser

CUSTOMER = {"username": "customer", "password": "popcorn-customer"}


class SwaggerUi:
    """Swagger UI in a browser."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def execute(
        self, operation_id: str, status: int, body: object = None, **parameters: object
    ) -> Any:
        """Run an operation, with the example values by default, and return the response shown."""
        operation = self._operation(operation_id)
        for name, value in parameters.items():
            operation.locator(f"tr[data-param-name={name}] input").fill(str(value))
        if body is not None:
            operation.locator("textarea.body-param__text").fill(json.dumps(body))
        with self._page.expect_response(lambda answer: answer.request.resource_type == "fetch"):
            operation.locator("button.execute").click()
        answer = operation.locator(".live-responses-table")
        expect(answer.locator("tbody .response-col_status")).to_contain_text(str(status))
        return json.loads(answer.locator(".highlight-code pre").first.inner_text())

    def authorize(self, token: str) -> None:
        self._page.locator(".auth-wrapper > .authorize").click()
        window = self._page.locator(".modal-ux")
        expect(window.get_by_role("button", name="Close").last).to_be_visible()
        log_out = window.get_by_role("button", name="Remove authorization")
        if log_out.count():
            log_out.click()
        window.locator("input").fill(token)
        window.get_by_role("button", name="Apply credentials").click()
        window.get_by_role("button", name="Close").last.click()
        expect(window).to_have_count(0)

    def choose(self, document: str) -> None:
        self._page.locator(".topbar select").select_option(label=document)

    def _operation(self, operation_id: str) -> Locator:
        operation = self._page.locator(f".opblock[id$='-{operation_id}']")
        if not operation.locator("button.execute").count():
            operation.locator(".opblock-summary-control").click()
        return operation


@pytest.fixture
def swagger(page: Page) -> SwaggerUi:
    page.goto("/swagger/")
    return SwaggerUi(page)


def test_a_newcomer_books_with_nothing_but_the_examples(swagger):
    account = swagger.execute("signUp", 201)
    tokens = swagger.execute("logIn", 200)
    swagger.authorize(tokens["access"])

    booking = swagger.execute("bookSeats", 201)

    assert booking["seats"] == [{"number": 5, "label": "A5"}]
    assert swagger.execute("me", 200)["id"] == account["id"]


def test_the_authorize_box_takes_the_bare_token_and_the_header(swagger):
    access = swagger.execute("logIn", 200, CUSTOMER)["access"]
    for typed, seat in ((access, "A6"), (f"Bearer {access}", "A7")):
        swagger.authorize(typed)

        booking = swagger.execute("bookSeats", 201, {"seat_number": seat}, show_id=1)

        assert [booked["label"] for booked in booking["seats"]] == [seat]
        assert swagger.execute("listMyBookings", 200)["results"][0]["id"] == booking["id"]


def test_staff_add_a_movie_a_screen_and_a_show_with_the_examples(swagger):
    tokens = swagger.execute("logIn", 200, {"username": "staff", "password": "popcorn-staff"})
    swagger.authorize(tokens["access"])

    movie = swagger.execute("addMovie", 201)
    screen = swagger.execute("addScreen", 201)
    show = swagger.execute("addShow", 201)

    assert (movie["title"], screen["name"]) == ("Inception", "Screen 5")
    assert show["status"] == "ON_SALE"
    assert show["available_seats"] == show["total_seats"]


def test_the_earlier_paths_are_offered_as_deprecated(page, swagger):
    swagger.choose("Ticketing: earlier paths")

    expect(page.get_by_role("heading", name="Ticketing: earlier paths")).to_be_visible()
    expect(page.locator(".opblock-deprecated").first).to_be_visible()
    assert page.locator(".opblock").count() == page.locator(".opblock-deprecated").count() > 10


def test_the_earlier_paths_can_be_tried(page, swagger):
    swagger.choose("Ticketing: earlier paths")
    log_in = page.locator(".opblock", has=page.locator("[data-path='/token']"))
    name = (log_in.get_attribute("id") or "").rpartition("-")[2]
    swagger.authorize(f"Bearer {swagger.execute(name, 200, CUSTOMER)['access']}")

    movies = page.locator(".opblock", has=page.locator("[data-path='/movies']"))
    name = (movies.get_attribute("id") or "").rpartition("-")[2]
    assert swagger.execute(name, 200)["count"] >= 24


@pytest.fixture(scope="module")  # to draw it takes longer than its tests
def redoc(browser: Browser, server: RunningServer) -> Iterator[Page]:
    with new_page(browser, server) as page:
        page.goto("/redoc/")
        expect(page.get_by_role("heading", name="Ticketing", level=1)).to_be_visible()
        yield page


def test_redoc_renders_every_operation(redoc):
    paths = redoc.request.get("/schema/").json()["paths"].values()
    operations = [
        operation for path in paths for method, operation in path.items() if method != "parameters"
    ]
    for operation in operations:
        place = f"tag/{operation['tags'][0]}/operation/{operation['operationId']}"
        expect(redoc.locator(f"div[id='{place}'] h2")).to_contain_text(operation["summary"])


def test_the_search_of_redoc_finds_operations(redoc):
    redoc.get_by_placeholder("Search").fill("cancel")

    results = redoc.locator("[data-role='search:results']")
    expect(results).to_contain_text("Cancel a booking")
