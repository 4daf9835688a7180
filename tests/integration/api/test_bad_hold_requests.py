"""Calls with holds that do not exist, and with invalid bodies and headers."""

import pytest

from tests.integration.api.cinema import hold

NOBODYS = "1-0123456789ABCDEF"


@pytest.fixture
def show(cinema):
    return cinema.show(seats=50, width=10)


@pytest.fixture
def path(show):
    return f"/api/shows/{show.id}/holds"


def refusal(answer):
    return answer.status_code, answer.json["code"]


def of(held, call=""):
    return f"/api/holds/{held['id']}{call}"


CALLS = {
    "get": ("GET", "", None),
    "change": ("PATCH", "", {"seats": [7]}),
    "extend": ("POST", "/extend", None),
    "release": ("DELETE", "", None),
    "book": ("POST", "/book", None),
}


@pytest.mark.parametrize(
    "hold_id",
    [
        *(NOBODYS, "99-0123456789ABCDEF", "0-0123456789ABCDEF", "01-0123456789ABCDEF"),
        *("1", "x", "1-", "-", "1-0123456789abcdef", "1-0123456789ABCDEI", "1-0123456789ABCDEF0"),
        *("9" * 18 + "-0123456789ABCDEF", "9" * 19 + "-0123456789ABCDEF", "9" * 5000, "x" * 5000),
        *("\u0661-0123456789ABCDEF", "1-0123456789ABCDE\u0661", "\U0001f4a9", "%00", "%FF", "%20"),
        *("1-0123456789ABCDEF%0A", "%ED%A0%80", "1-0123456789ABCDEF;x", "' OR 1=1 --", "{id}"),
    ],
    ids=lambda hold_id: ascii(hold_id)[:24],
)
def test_an_unknown_hold_is_not_found(maria, staff, show, hold_id):
    for client in (maria, staff):
        for method, call, body in CALLS.values():
            answer = client.open(f"/api/holds/{hold_id}{call}", method=method, json=body)
            assert refusal(answer) == (404, "hold_not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"seats": []},
        {"seats": list(range(1, 12))},
        {"seats": [5], "seat_number": 5},
        {"seats": [5, "a5"]},
        {"seats": ["Z99"]},
        {"seats": [True]},
        {"seats": "A5"},
        {"seats": [5], "customer": 2},
    ],
    ids=str,
)
def test_an_invalid_choice_holds_nothing(maria, show, path, body):
    assert maria.post(path, json=body).status_code == 422
    assert maria.post("/api/shows/99/holds", json=body).status_code == 404
    assert maria.get("/api/my-holds").json["count"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"seats": []},
        {"seats": list(range(1, 12))},
        {"seats": ["Z99"]},
        {"seats": [5, 5]},
        {"seats": None},
        {"seat_number": 5},
        {"seats": [5], "expires_at": "2040-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_an_invalid_change_is_refused(maria, otto, staff, show, body):
    held = hold(maria, show, 5)

    assert maria.patch(of(held), json=body).status_code == 422
    assert otto.patch(of(held), json=body).status_code == 403
    assert staff.patch(of(held), json=body).status_code == 403
    assert maria.patch(f"/api/holds/{NOBODYS}", json=body).status_code == 404
    assert maria.get(of(held)).json == held


def test_an_invalid_key_is_refused_after_what_the_path_names(maria, otto, show, path):
    wrong = {"Idempotency-Key": "é"}
    held = hold(maria, show, 5)

    for answer in (
        maria.post(path, json={"seats": [6]}, headers=wrong),
        maria.post(of(held, "/book"), headers=wrong),
    ):
        assert list(answer.json["errors"]) == ["Idempotency-Key"]
    assert otto.post(of(held, "/book"), headers=wrong).status_code == 403
    assert otto.post(f"/api/holds/{NOBODYS}/book", headers=wrong).status_code == 404
    assert otto.post("/api/shows/99/holds", json={"seats": [6]}, headers=wrong).status_code == 404
