"""The best available seats over HTTP."""

import pytest

KEY = {"Idempotency-Key": "a key"}


@pytest.fixture
def show(cinema):
    """One row of six seats, of which a pair gets 3 and 4."""
    return cinema.show(seats=6, width=6)


@pytest.fixture(params=["book", "holds"])
def path(request, show):
    return f"/api/shows/{show.id}/{request.param}"


@pytest.fixture
def pick(path):
    def pick(client, count=2, headers=None, **party):
        body = {"best_available": {"count": count, **party}}
        return client.post(path, json=body, headers=headers)

    return pick


def seats_of(answer):
    return [seat["number"] for seat in answer.json["seats"]]


@pytest.mark.every_store
def test_a_party_is_seated(maria, otto, pick, show):
    got = pick(maria)
    assert got.status_code == 201
    assert maria.get(got.headers["Location"]).json == got.json
    assert seats_of(got) == [3, 4]
    section, category = show.plan.sections[0].name, show.plan.categories[0].name
    chosen = {"section": section, "category": category, "wheelchair_spaces": 0, "together": True}
    assert seats_of(pick(otto, **chosen)) == [1, 2]


@pytest.mark.every_store
def test_a_party_that_finds_no_seats(maria, otto, pick, path):
    held = 3 if path.endswith("holds") else 0
    pick(maria, 3)
    refused = pick(otto, 4)
    assert refused.status_code == 409
    assert refused.json["code"] == "no_seats"
    facts = {name: refused.json[name] for name in ("available", "held", "largest_block")}
    assert facts == {"available": 3, "held": held, "largest_block": 3}
    pick(otto, 3)
    assert pick(otto, 1).json["code"] == "no_seats"  # not show_full


@pytest.mark.every_store
def test_sales_that_have_ended(maria, pick, clock):
    clock.advance(hours=3)
    assert pick(maria).json["code"] == "sales_closed"


@pytest.mark.parametrize("call", ["book", "holds"])
def test_a_show_that_does_not_exist(maria, call):
    refused = maria.post(f"/api/shows/987654/{call}", json={"best_available": {"count": 0}})
    assert (refused.status_code, refused.json["code"]) == (404, "show_not_found")


@pytest.mark.every_store
def test_a_repeated_request_gets_the_stored_response(maria, pick):
    first, again = pick(maria, headers=KEY), pick(maria, headers=KEY)
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert pick(maria, 3, headers=KEY).json["code"] == "idempotency_key_reused"


@pytest.mark.every_store
def test_a_key_is_shared_with_seats_by_name(maria, pick, path):
    pick(maria, headers=KEY)
    again = maria.post(path, json={"seats": [3, 4]}, headers=KEY)
    assert (again.status_code, again.json["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        *(("count", wrong) for wrong in (0, 11, -1, True, 2.0, "2", None, [2])),
        *(("wheelchair_spaces", wrong) for wrong in (-1, 3, 11, False, 1.0, "1", None)),
        *(("section", wrong) for wrong in ("nowhere", "", 1, None, ["Stalls"])),
        *(("category", wrong) for wrong in ("none", "", 1, None)),
        *(("together", wrong) for wrong in (1, 0, "true", "yes", None)),
        ("sections", "Stalls"),
    ],
)
def test_a_wrong_value_is_named(maria, pick, field, wrong):
    refused = pick(maria, **{field: wrong})
    assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")
    assert list(refused.json["errors"]) == ["best_available"]
    assert list(refused.json["errors"]["best_available"]) == [field]


@pytest.mark.parametrize("wrong", [None, 2, "2", {}, [{"count": 2}]])
def test_no_party(maria, path, wrong):
    refused = maria.post(path, json={"best_available": wrong})
    assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")
    assert list(refused.json["errors"]) == ["best_available"]


@pytest.mark.parametrize(
    "others",
    [
        {"seats": [1]},
        {"seat_number": 1},
        {"seats": [1], "seat_number": 1},
        {"seats": None},
        {"seat_number": None},
    ],
)
def test_one_way_of_choosing_seats_is_required(maria, path, others):
    refused = maria.post(path, json={"best_available": {"count": 1}, **others})
    assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")
    assert "Exactly one of" in str(refused.json["errors"]["seats"])


def test_a_wrong_key_is_named_as_itself(maria, pick):
    refused = pick(maria, headers={"Idempotency-Key": "\t"})
    assert list(refused.json["errors"]) == ["Idempotency-Key"]


def test_what_was_held_is_booked(maria, otto, show):
    body = {"best_available": {"count": 6}}
    held = maria.post(f"/api/shows/{show.id}/holds", json=body)
    assert held.json["together"] is True
    assert held.json["warnings"] == []
    refused = otto.post(f"/api/shows/{show.id}/book", json=body)
    assert (refused.json["code"], refused.json["held"]) == ("no_seats", 6)
    booked = maria.post(f"{held.headers['Location']}/book")
    assert (booked.status_code, seats_of(booked)) == (201, [1, 2, 3, 4, 5, 6])


def test_predecessors_bodies_know_nothing_of_it(maria, show):
    body = {"show_id": show.id, "best_available": {"count": 1}}
    refused = maria.post("/bookings", json=body)
    assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")
