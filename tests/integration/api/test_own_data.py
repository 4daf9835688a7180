"""Export and deletion of the data of an account."""

from datetime import datetime

import pytest

from tests.builders import PASSWORD
from tests.integration.api.cinema import book, hold, wait_for
from ticketing.domain.accounts.account import Role

ME, EXPORT = "/api/auth/me", "/api/auth/me/export"


@pytest.fixture
def account(cinema):
    return cinema.office.accounts.sign_up("Maria", PASSWORD, "Maria@example.org")


@pytest.fixture
def tokens(cinema, account):
    return cinema.tokens(account.id)


@pytest.fixture
def maria(cinema, tokens):
    return cinema.bearing(tokens["access"])


def sign_up(client):
    body = {"username": "maria", "password": PASSWORD, "email": "maria@example.org"}
    return client.post("/api/auth/signup", json=body)


def log_in(client, name="maria"):
    return client.post("/api/auth/login", json={"username": name, "password": PASSWORD})


def labels(held):
    return [seat["label"] for seat in held["seats"]]


# --- export


@pytest.mark.every_store
def test_the_export_has_all_stored_data(maria, otto, cinema, account, clock):
    show, begun = cinema.show(), clock.now
    booked = [book(maria, show, number) for number in (1, 2, 3)]
    book(otto, show, 9)
    booked[1] = maria.post(f"/api/bookings/{booked[1]['id']}/cancel").json
    held = [hold(maria, show, number) for number in (4, 5)]
    hold(otto, show, 6)
    maria.delete(f"/api/holds/{held[0]['id']}")
    held[0] |= {"status": "RELEASED", "expires_in": 0}
    sold_out = cinema.show(hours=72, seats=1)
    book(otto, sold_out, 1)
    left = wait_for(maria, sold_out)
    maria.delete(f"/api/waiting-list/{left['id']}")
    clock.advance(seconds=1)
    waiting = [left | {"status": "DECLINED"}, wait_for(maria, sold_out)]
    wait_for(otto, sold_out)

    answer = maria.get(EXPORT)

    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    export = answer.json
    assert set(export) == {"account", "sessions", "actions", "bookings", "holds", "waiting_list"}
    assert export["account"] == {
        "id": account.id,
        "username": "Maria",
        "email": "Maria@example.org",
        "role": "customer",
        "created_at": begun.isoformat().replace("+00:00", "Z"),
    }
    assert export["bookings"] == booked
    held[1]["expires_in"] -= 1
    assert sorted(export["holds"], key=labels) == held
    assert export["waiting_list"] == waiting
    assert export["actions"] == []
    [session] = export["sessions"]
    assert datetime.fromisoformat(session["renewed_at"]) == begun
    assert session["ended_at"] is None


def test_the_export_has_no_secrets(maria, cinema, account, tokens):
    export = maria.get(EXPORT).text

    assert account.password_hash not in export
    assert "argon2" not in export
    assert tokens["access"] not in export
    for session in cinema.office.queries.accounts.sessions(account.id, 100):
        assert session.id not in export


def test_the_export_of_staff_has_their_actions(staff):
    staff.post("/api/movies", json={"title": "Dune", "duration_minutes": 155})

    [action] = staff.get(EXPORT).json["actions"]
    assert action["action"]


def test_the_export_has_more_rows_than_a_batch(maria, otto, cinema, clock, monkeypatch):
    monkeypatch.setattr("ticketing.entrypoints.http.api.own_data._BATCH_SIZE", 2)
    show = cinema.show()
    booked = [book(maria, show, number)["id"] for number in range(1, 6)]
    held = [hold(maria, show, number)["id"] for number in range(11, 15)]
    clock.advance(seconds=1)
    held.append(hold(maria, show, 15)["id"])
    waiting = []
    for hours in (72, 96, 120):
        sold_out = cinema.show(hours=hours, seats=1)
        book(otto, sold_out, 1)
        waiting.append(wait_for(maria, sold_out)["id"])
        clock.advance(seconds=1)

    export = maria.get(EXPORT).json
    assert [booking["id"] for booking in export["bookings"]] == booked
    exported = [hold["id"] for hold in export["holds"]]
    assert exported == [*sorted(held[:4]), held[4]]
    assert [entry["id"] for entry in export["waiting_list"]] == waiting


def test_the_export_requires_a_token(guest):
    assert guest.get(EXPORT).status_code == 401
    assert guest.delete(ME).status_code == 401


# --- deletion


@pytest.mark.every_store
def test_a_deleted_account_cannot_be_used(maria, guest, cinema, account, tokens, clock):
    assert maria.delete(ME).status_code == 204
    assert maria.delete(ME).status_code == 401
    clock.advance(seconds=2)

    for path in (ME, EXPORT, "/api/my-bookings"):
        assert maria.get(path).json["code"] == "token_revoked"
    refreshed = guest.post("/api/auth/token/refresh", json={"refresh": tokens["refresh"]})
    assert refreshed.status_code == 401
    for name in ("maria", "maria@example.org", f"deleted #{account.id}"):
        answer = log_in(guest, name)
        assert (answer.status_code, answer.json["code"]) == (401, "bad_credentials")
    assert "aria" not in repr(cinema.office.queries.accounts.account(account.id))


@pytest.mark.every_store
def test_the_username_of_a_deleted_account_is_free(maria, guest, account):
    maria.delete(ME)

    assert sign_up(guest).json["id"] != account.id
    assert log_in(guest).status_code == 200


@pytest.mark.every_store
def test_the_holds_of_a_deleted_account_end(maria, otto, staff, cinema):
    show = cinema.show()
    held = hold(maria, show, 1)

    assert maria.delete(ME).status_code == 204

    assert staff.get(f"/api/holds/{held['id']}").json["status"] == "RELEASED"
    book(otto, show, 1)


@pytest.mark.every_store
def test_the_entries_of_a_deleted_account_end(maria, otto, staff, cinema):
    waited_for, offered = [cinema.show(hours=hours, seats=1) for hours in (72, 96)]
    _, booked = [book(staff, show, 1) for show in (waited_for, offered)]
    entries = [wait_for(maria, show) for show in (waited_for, offered)]
    wait_for(otto, offered)
    staff.post(f"/api/bookings/{booked['id']}/cancel")
    cinema.office.offers.serve_all()

    assert maria.delete(ME).status_code == 204
    cinema.office.offers.serve_all()

    ended = [staff.get(f"/api/waiting-list/{entry['id']}").json["status"] for entry in entries]
    assert ended == ["DECLINED", "DECLINED"]
    assert otto.get("/api/my-waiting-list").json["results"][0]["status"] == "OFFERED"


@pytest.mark.every_store
def test_bookings_remain_without_a_name(maria, otto, staff, cinema):
    show = cinema.show()
    booked = book(maria, show, 1)
    maria.delete(ME)

    taken = otto.post(f"/api/shows/{show.id}/book", json={"seats": [1]})
    assert taken.json["code"] == "seat_taken"
    assert staff.get(f"/api/bookings/{booked['id']}").json == booked
    assert staff.post(f"/api/bookings/{booked['id']}/cancel").status_code == 200


def test_stored_responses_contain_no_personal_data(maria, cinema, app):
    show = cinema.show()
    headers = {"Idempotency-Key": "k"}
    assert maria.post(f"/api/shows/{show.id}/book", json={"seats": [1]}, headers=headers).json

    engine = app.extensions["ticketing.database"].engine
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT * FROM idempotency_keys").all()
    assert len(kept) == 1
    assert "maria" not in repr(kept).lower()


def test_no_table_contains_the_name(maria, cinema, app, guest):
    book(maria, cinema.show(), 1)
    log_in(guest)
    maria.delete(ME)

    engine = app.extensions["ticketing.database"].engine
    with engine.connect() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.all():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()
            assert "maria" not in repr(rows).lower(), table
            assert "argon2" not in repr(rows), table


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMIN])
def test_staff_can_delete_their_accounts(cinema, role):
    client = cinema.user("anna", role)

    assert client.delete(ME).status_code == 204
