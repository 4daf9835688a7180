"""The throttle of failed log-ins over HTTP."""

import pytest

from tests.builders import PASSWORD

ELSEWHERE = "198.51.100.7"
LOG_INS = ["/api/auth/login", "/api/token/", "/login", "/api/login/", "/api/users/login/"]


@pytest.fixture
def app(make_app):
    return make_app(RATELIMIT="on")


@pytest.fixture
def maria(cinema):
    return cinema.office.accounts.sign_up("maria", PASSWORD)


def log_in(client, password="wrong", name="maria", path=LOG_INS[0], address="192.0.2.7"):
    body = {"username": name, "password": password}
    return client.post(path, json=body, environ_overrides={"REMOTE_ADDR": address})


def without_request_id(answer):
    return {**answer.json, "request_id": ""}


def test_after_ten_failures_every_attempt_is_refused_alike(guest, maria, clock):
    for name in ("maria", "nobody"):
        assert [log_in(guest, name=name).status_code for _ in range(10)] == [401] * 10
    clock.advance(minutes=5)

    refused = log_in(guest, PASSWORD)

    assert refused.status_code == 429
    assert refused.json["code"] == "too_many_attempts"
    assert refused.headers["Retry-After"] == "600"
    assert refused.json["retry_after"] == 600
    for other in (log_in(guest), log_in(guest, name="nobody"), log_in(guest, name="MARIA")):
        assert without_request_id(other) == without_request_id(refused)
        assert other.headers["Retry-After"] == "600"


def test_all_ways_to_write_an_address_are_counted_together(guest):
    for name in (
        "x@例え.jp",
        "x@xn--r8jz45g.jp",
        "X@例え。jp",
        "x@XN--R8JZ45G.jp",
        "x@例え.JP",
    ) * 2:
        assert log_in(guest, name=name).status_code == 401

    assert log_in(guest, name="x@例え.jp").status_code == 429


def test_the_owner_can_log_in_from_another_network(guest, maria):
    for _ in range(12):
        log_in(guest)

    assert log_in(guest, PASSWORD, address=ELSEWHERE).status_code == 200
    assert log_in(guest, PASSWORD).status_code == 429


def test_after_fifteen_minutes_attempts_are_allowed_again(guest, maria, clock):
    for _ in range(12):
        log_in(guest)
    clock.advance(minutes=15)

    assert log_in(guest, PASSWORD).status_code == 200


def test_all_paths_are_counted_together(guest, maria):
    for path in LOG_INS * 2:
        assert log_in(guest, path=path).status_code == 401

    for path in LOG_INS:
        assert log_in(guest, PASSWORD, path=path).status_code == 429


def test_headers_of_untrusted_proxies_change_nothing(guest, maria):
    def forged(turn):
        headers = {"X-Forwarded-For": f"198.51.100.{turn}", "Forwarded": f"for=198.51.100.{turn}"}
        body = {"username": "maria", "password": "wrong"}
        return guest.post(LOG_INS[0], json=body, headers=headers).status_code

    assert [forged(turn) for turn in range(12)] == [401] * 10 + [429] * 2


def test_addresses_of_an_ipv6_network_count_together(guest, maria):
    for host in range(10):
        log_in(guest, address=f"2001:db8::{host:x}")

    assert log_in(guest, PASSWORD, address="2001:db8::ffff").status_code == 429
    assert log_in(guest, PASSWORD, address="2001:db8:0:1::1").status_code == 200


def test_nothing_is_counted_without_limits(make_app, maria):
    guest = make_app(RATELIMIT="off").test_client()

    assert {log_in(guest).status_code for _ in range(12)} == {401}


def test_wrong_current_passwords_count_as_failures(guest, cinema, maria):
    bearer = cinema.bearing(cinema.tokens(maria.id)["access"])

    def change(password):
        body = {"current_password": password, "new_password": "another horse"}
        return bearer.post("/api/auth/password", json=body)

    for _ in range(10):
        refused = change("wrong")
        assert (refused.status_code, refused.json["code"]) == (422, "wrong_password")
    assert change(PASSWORD).status_code == 429
    assert log_in(guest, PASSWORD, address="127.0.0.1").status_code == 429
