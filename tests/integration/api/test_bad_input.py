"""Attacks on every call of both documents: each gets its 4xx, never a crash, never a success.

That an answer is one that the call's document promises is checked with each, in
``documented.py``.
"""

import json
import re

import pytest

from tests.integration.api.cinema import book, hold, wait_for

SURROGATE, NUL = "\ud800", "\x00"

WRONG: list[object] = [
    *(None, True, False, 0, -1, 1.5, 1e300, 2**63, -(2**63) - 1, 10**400),
    *("", " ", "x", NUL, SURROGATE, "\x1b[2J", "é" * 1300, "x" * 15_000, "9" * 5000),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999-23:59", "2026-01-01T00:00:00+99:99"),
    *("\u0661\u0662\u0663", "1e5", "NaN", "' OR 1=1 --", "{{7*7}}", "%00", "$(id)"),
    *([], [[]], [None], {}, {"a": {}}, {"$gt": 0}),
]

CONTROL = (NUL, SURROGATE, "\x1b[2J")

GOOD = {
    "username": "maria",
    "password": "a strong horse",
    "refresh": "x",
    "current_password": "a strong horse",
    "new_password": "another horse",
    "token": "x",
    "title": "Dune",
    "duration_minutes": 155,
    "name": "Hall 9",
    "rows": 2,
    "seats_per_row": 2,
    "movie_id": 1,
    "screen_name": "Hall 9",
    "starts_at": "2030-01-01T00:00:00Z",
    "total_seats": 5,
    "seat_number": 2,
    "show_id": 1,
    "count": 1,
}
ALTERNATIVES = {
    "screen_id": "screen_name",
    "date_time": "starts_at",
    "seats": "seat_number",
    "best_available": "seat_number",
    "show": "show_id",
}
"""Exactly one of the two is required."""

TEXTS = {"username", "email", "password", "password2", "title", "description", "rating"}
TEXTS |= {"language", "name", "screen_name", "refresh", "token"}
TEXTS |= {"current_password", "new_password", "new_password2"}

MAX_ANSWER_BYTES = 4000
"""No refusal repeats at length what the client sent."""

TELLS_NOTHING = "/api/auth/password/reset"
"""The response does not reveal whether the account exists."""


def is_right(path, field, value):
    """Return whether it is the list of seats that may be empty, or a switch."""
    is_switch = field in ("retired", "together") and isinstance(value, bool)
    return is_switch or (path.endswith("/blocked-seats") and value == [])


def may_be_right(field, value):
    return field in TEXTS and isinstance(value, str) and value not in CONTROL


@pytest.fixture(scope="module")
def operations(make_app):
    """Return method, path and description of every call in both documents."""
    app = make_app()
    return [
        (method, path, operation, api.spec.to_dict()["components"]["schemas"])
        for api in app.extensions["ticketing.documents"].values()
        for path, item in api.spec.to_dict()["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]


@pytest.fixture(autouse=True)
def ids(staff, cinema):
    """Add something to break, and return the ids that are not 1."""
    show = cinema.show()
    book(staff, show)
    sold_out = cinema.show(hours=72, seats=1)
    book(staff, sold_out, 1)
    entry = wait_for(staff, sold_out)
    return {"hold_id": hold(staff, show, 4)["id"], "entry_id": entry["id"]}


def with_ids(path, ids):
    return re.sub("{(.*?)}", lambda found: ids.get(found[1], "1"), path)


def with_body(operations, ids):
    for method, path, operation, schemas in operations:
        if "requestBody" in operation:
            [content] = operation["requestBody"]["content"].values()
            schema = schemas[content["schema"]["$ref"].rpartition("/")[2]]
            yield method.upper(), with_ids(path, ids), schema["properties"]


def refuse(answer):
    assert answer.status_code in (400, 401, 404, 413, 422), answer.request
    assert len(answer.data) < MAX_ANSWER_BYTES, answer.request


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: ascii(wrong)[:24])
def test_a_wrong_value_in_any_field_of_any_body_is_refused(staff, operations, ids, wrong):
    for method, path, fields in with_body(operations, ids):
        for field in fields:
            answer = staff.open(path, method=method, json={field: wrong})
            tells_nothing = path == TELLS_NOTHING and isinstance(wrong, str)
            if tells_nothing or may_be_right(field, wrong) or is_right(path, field, wrong):
                assert answer.status_code < 500, (method, path, field)
                if answer.status_code >= 400:
                    assert len(answer.data) < MAX_ANSWER_BYTES
            else:
                refuse(answer)


@pytest.mark.parametrize(
    "wrong",
    [wrong for wrong in WRONG if not isinstance(wrong, str)],
    ids=lambda wrong: ascii(wrong)[:24],
)
def test_only_the_invalid_field_is_named(staff, operations, ids, wrong):
    for method, path, fields in with_body(operations, ids):
        for field in set(fields) - {"email"}:  # ``username`` excludes it only in log-ins
            if is_right(path, field, wrong):
                continue
            body = {name: value for name, value in GOOD.items() if name in fields}
            body.pop(ALTERNATIVES.get(field, field), None)
            answer = staff.open(path, method=method, json={**body, field: wrong})
            assert answer.status_code == 422, (method, path, field)
            assert len(answer.data) < MAX_ANSWER_BYTES, (method, path, field)
            seat = answer.json["code"] == "unknown_seat" and field in ("seat_number", "seats")
            assert seat or list(answer.json["errors"]) == [field], (method, path, field)


@pytest.mark.parametrize("depth", [10, 90, *range(200, 1000, 100), 5000, 100_000])
def test_deeply_nested_bodies_are_refused(staff, operations, ids, depth):
    """Only what passes the parser depends on the field."""
    for method, path, fields in with_body(operations, ids):
        for field in [*fields, "x"] if depth == 10 else [*fields, "x"][:1]:
            for opening, closing in (("[", "]"), ('{"a":', "}")):
                nested = opening * depth + "1" * (opening != "[") + closing * depth
                body = f'{{"{field}": {nested}}}'
                answer = staff.open(path, method=method, data=body, content_type="application/json")
                refuse(answer)


def test_many_unknown_fields_are_refused(staff, operations, ids):
    body = json.dumps({f"field {number}": number for number in range(4_000)})

    for method, path, _ in with_body(operations, ids):
        answer = staff.open(path, method=method, data=body, content_type="application/json")
        refuse(answer)


def test_too_many_seats_are_refused(staff):
    answer = staff.post("/api/shows/1/book", json={"seats": list(range(200_000))})

    refuse(answer)


@pytest.mark.parametrize(
    "id_",
    [
        *("0", "-1", "+1", "1.0", "1e0", "0x1", "01x", "x", " ", "%20", "1%20", "%00", "1%00"),
        *(
            "1%0A",
            "%FF",
            "%C0%80",
            "%ED%A0%80",
            "1;x",
            "1'",
            "*",
            "..",
            "\u0661",
            "\uff11",
            "²",
            "%D9%A1",
        ),
        *("99", str(2**31), str(2**63 - 1), str(2**63), str(2**64), "9" * 400, "9" * 5000),
    ],
    ids=lambda id_: ascii(id_)[:24],
)
def test_an_unknown_id_in_a_path_is_not_found(staff, operations, id_):
    for method, path, _, _ in operations:
        if "{" in path:
            url = re.sub("{.*?}", lambda _: id_, path)
            answer = staff.open(url, method=method.upper(), json={})
            assert answer.status_code == 404, (method, url)


@pytest.mark.parametrize("value", ["%00", "%FF", "%ED%A0%80", "x" * 8000, "", "[]", "%F0%9F%92%A9"])
def test_a_wrong_value_in_any_query_is_refused(staff, operations, ids, value):
    for method, path, operation, _ in operations:
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                url = f"{with_ids(path, ids)}?{parameter['name']}={value}"
                answer = staff.open(url, method=method.upper())
                assert answer.status_code in (200, 422), url
                assert parameter["name"] == "q" or answer.status_code == 422, url


@pytest.mark.parametrize("path", ["/%00", "/api/%00", "/%FF", "/..%2f..", "/" + "a" * 8000, "/%"])
def test_a_malformed_path_is_refused(guest, path):
    assert guest.get(path).status_code == 404


@pytest.mark.parametrize("content_length", ["-1", "x", "", "99999999999999999999", "1e9", "\uff12"])
def test_a_malformed_content_length_is_refused(staff, content_length):
    environ = {"CONTENT_LENGTH": content_length.encode().decode("latin-1")}

    answer = staff.post(
        "/api/movies", data="{}", content_type="application/json", environ_overrides=environ
    )

    assert answer.status_code in (400, 413, 422)


def test_query_parameters_may_be_many_and_repeated(guest):
    answer = guest.get("/api/movies?" + "&".join(["page=1", "page=x"] + ["x=1"] * 2000))

    assert answer.status_code in (200, 422)


def test_the_application_still_works_after_all_attacks(staff, maria, cinema):
    assert staff.get("/readyz").status_code == 200
    assert book(maria, cinema.show(hours=5), "A1")["id"] == 3
