"""The OpenAPI documents: valid, complete, and good enough to generate a client from.

That answers are as the documents promise is checked with each answer, in ``documented.py``.
"""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.builders import PASSWORD
from tests.integration.api.documented import METHODS, Document, check_problem

SCHEMAS = ["/schema/", "/schema/predecessors/"]
MEDIA_TYPES = {"svg": "image/svg+xml", "stream": "text/event-stream"}
PAGES = {"/", "/account", "/shows/<id:show_id>", "/swagger/", "/redoc/"}
PAGES |= {"/password-reset", "/password-reset/request", *SCHEMAS}


@pytest.fixture(params=SCHEMAS)
def document(request, guest):
    return Document(guest.get(request.param).json)


@pytest.fixture
def both(guest):
    return [Document(guest.get(path).json) for path in SCHEMAS]


def test_a_document_is_valid_openapi(document):
    assert document.document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document.document).validate()


def test_a_document_is_served_as_json(guest):
    answer = guest.get("/schema")

    assert answer.mimetype == "application/json"
    assert answer.json["info"]["title"]
    assert answer.json["info"]["version"]


def test_every_call_is_documented(app, both):
    documented = {place for document in both for place in document.operations}

    served = {
        (method.lower(), re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if method.lower() in METHODS
        and rule.rule not in PAGES
        and "<path:" not in rule.rule
        and not rule.rule.startswith("/admin/")
        and "/docs/" not in rule.rule
    }
    assert served == documented


def test_no_two_operations_share_an_id(both):
    ids = [
        operation["operationId"] for document in both for operation in document.operations.values()
    ]

    assert len(ids) == len(set(ids))
    assert all(re.fullmatch("[A-Za-z0-9_]+", one) for one in ids)


def test_every_operation_has_a_summary_tags_and_responses(document):
    for (method, path), operation in document.operations.items():
        assert operation["summary"], path
        assert operation["tags"], path
        statuses = set(operation["responses"])
        assert {status for status in statuses if status < "300"}, path
        assert {"500", "503"} <= statuses, path
        if operation.get("security") == [{"bearer": []}]:
            assert "401" in statuses, path
        if "{" in path:
            assert "404" in statuses, path
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= statuses, (method, path)


def test_every_operation_but_the_probes_documents_429(document):
    for (_, path), operation in document.operations.items():
        assert ("429" in operation["responses"]) == (path not in ("/healthz", "/readyz")), path


def test_retry_after_is_documented(document):
    for (_, path), operation in document.operations.items():
        for status in {"429", "503"} & set(operation["responses"]):
            answer = document.resolved(operation["responses"][status])
            assert answer["headers"]["Retry-After"]["required"], (path, status)


def test_every_response_has_a_schema(document):
    for (_, path), operation in document.operations.items():
        for status, answer in operation["responses"].items():
            resolved = document.resolved(answer)
            assert resolved["description"], (path, status)
            if status in ("204", "304"):
                assert "content" not in resolved
                continue
            last = path.rpartition("/")[2].rpartition(".")[2]
            usual = MEDIA_TYPES.get(last, "application/json")
            media_type = usual if status < "300" else "application/problem+json"
            assert list(resolved["content"]) == [media_type], (path, status)
            assert resolved["content"][media_type]["schema"], (path, status)


def test_every_field_has_a_type_and_examples_are_valid(document):
    for name, schema in document.document["components"]["schemas"].items():
        for field, described in schema["properties"].items():
            assert {"type", "$ref", "anyOf"} & set(described), (name, field)
            if "example" in described:
                document.validate(described["example"], described)


def test_operations_that_require_a_token_document_it(guest, document):
    bearer = document.document["components"]["securitySchemes"]["bearer"]
    assert (bearer["type"], bearer["scheme"]) == ("http", "bearer")

    for (method, path), operation in document.operations.items():
        answer = guest.open(re.sub("{.*?}", "1", path), method=method.upper(), json={})
        wants = answer.status_code == 401
        assert wants == (operation.get("security") == [{"bearer": []}]), (method, path)


def test_responses_allow_additional_members(document):
    """Clients generated from the document must accept members that are added later."""
    for operation in document.operations.values():
        for answer in operation["responses"].values():
            for content in document.resolved(answer).get("content", {}).values():
                schema = document.resolved(content["schema"])
                assert schema.get("additionalProperties") is not False, schema


def test_an_undocumented_response_fails_the_check(app, guest, monkeypatch):
    movies = app.view_functions["movies.list_movies"]
    monkeypatch.setitem(
        app.view_functions, "movies.list_movies", lambda: app.json.response({"count": "none"})
    )
    with pytest.raises(Exception, match=r"is not of type 'integer'|is a required property"):
        guest.get("/api/movies")
    monkeypatch.setitem(app.view_functions, "movies.list_movies", movies)

    monkeypatch.setitem(app.view_functions, "seats.seat_map", lambda show_id: ("", 418))
    with pytest.raises((AssertionError, KeyError)):
        guest.get("/api/shows/1/seats")


@pytest.fixture(scope="module")
def generated(make_app, tmp_path_factory):
    """A typed client, generated from the document alone."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "schema.json").write_text(make_app().test_client().get("/schema/").text)
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    drawings_are_bytes = {"content_type_overrides": {"image/svg+xml": "application/octet-stream"}}
    (folder / "config.json").write_text(json.dumps(drawings_are_bytes))
    options = ["--path", "schema.json", "--config", "config.json"]
    options += ["--output-path", "typed_client", "--fail-on-warning"]
    tools = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [*command, *options], cwd=folder, env=tools, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.startswith("typed_client")]:
        del sys.modules[name]


@pytest.fixture
def typed(generated):
    """Return its functions and classes by name: ``typed("api.bookings.book_seats")``."""
    return lambda name: generated(f"typed_client.{name}" if name else "typed_client")


def test_a_generated_client_books_a_seat(app, cinema, typed):
    show = cinema.show()
    models = typed("models")
    wsgi = {"transport": httpx.WSGITransport(app=app)}
    guest = typed("").Client(base_url="http://localhost", httpx_args=wsgi)

    signed_up = typed("api.accounts.sign_up").sync(
        client=guest, body=models.SignUp(username="maria", password=PASSWORD)
    )
    assert signed_up.username == "maria"
    tokens = typed("api.accounts.log_in").sync(
        client=guest, body=models.LogIn(username="maria", password=PASSWORD)
    )
    maria = typed("").AuthenticatedClient(
        base_url="http://localhost", token=tokens.access, httpx_args=wsgi
    )
    [found] = typed("api.shows.list_shows").sync(client=guest).results
    assert found.id == show.id
    booking = typed("api.bookings.book_seats").sync(
        found.id, client=maria, body=models.SeatChoice(seats=["A5", 6])
    )
    assert [seat.label for seat in booking.seats] == ["A5", "A6"]
    assert booking.status == "BOOKED"
    assert booking.show.starts_at == show.starts_at
    assert booking.cancelled_at is None

    refused = typed("api.bookings.book_seats").sync(
        found.id, client=maria, body=models.SeatChoice(seat_number="a5")
    )
    assert (refused.code, refused["seats"]) == ("seat_taken", ["A5"])
    seats = typed("api.seats.seat_map").sync(found.id, client=guest)
    assert seats.available_seats == 48
    cancelled = typed("api.bookings.cancel_booking").sync(booking.id, client=maria)
    assert cancelled.status == "CANCELLED"
    assert typed("api.bookings.list_my_bookings").sync(client=maria).count == 1


def test_an_error_that_is_no_problem_fails_the_check(guest):
    with pytest.raises(AssertionError):
        check_problem(guest.get("/api/movies"))
