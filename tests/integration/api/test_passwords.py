"""Change a password, or reset a forgotten one."""

import pytest

from tests.builders import PASSWORD
from tests.integration.api.conftest import SECRET_KEY
from tests.integration.mail_server import mail_server

ANOTHER = "another horse"
CHANGE = "/api/auth/password"
RESET, CONFIRM = "/api/auth/password/reset", "/api/auth/password/reset/confirm"
SENDER = {"MAIL_FROM": "tickets@example.org"}


@pytest.fixture(scope="module")
def mails():
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def with_mail(mails):
    return {**SENDER, "SMTP_URL": f"smtp://127.0.0.1:{mails.port}"}


@pytest.fixture
def app(make_app, with_mail):
    return make_app(**with_mail)


@pytest.fixture
def account(cinema):
    return cinema.office.accounts.sign_up("maria", PASSWORD, "maria@example.org")


@pytest.fixture
def tokens(cinema, account):
    return cinema.tokens(account.id)


@pytest.fixture
def maria(cinema, tokens):
    return cinema.bearing(tokens["access"])


def log_in(client, password):
    body = {"username": "maria", "password": password}
    return client.post("/api/auth/login", json=body).status_code


def renew(client, tokens):
    answer = client.post("/api/auth/token/refresh", json={"refresh": tokens["refresh"]})
    return answer.status_code


def change(client, current=PASSWORD, new=ANOTHER, **more):
    return client.post(CHANGE, json={"current_password": current, "new_password": new, **more})


# --- change


@pytest.mark.every_store
def test_the_current_password_allows_a_new_one(maria, guest):
    assert change(maria, new_password2=ANOTHER).status_code == 204
    assert (log_in(guest, PASSWORD), log_in(guest, ANOTHER)) == (401, 200)


@pytest.mark.every_store
def test_a_change_ends_all_other_sessions(maria, cinema, guest, account, tokens, clock):
    others = [cinema.tokens(account.id, rotates=rotates) for rotates in (True, False)]
    change(maria)
    clock.advance(seconds=2)

    for other in others:
        assert cinema.bearing(other["access"]).get("/api/auth/me").status_code == 401
        assert renew(guest, other) == 401
    assert maria.get("/api/auth/me").status_code == 200
    assert renew(guest, tokens) == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"current_password": "wrong"}, "current_password"),
        ({"current_password": ""}, "current_password"),
        ({"current_password": 7}, "current_password"),
        ({"current_password": "\ud800"}, "current_password"),
        ({"new_password": "short"}, "new_password"),
        ({"new_password": "password1"}, "new_password"),
        ({"new_password": None}, "new_password"),
        ({"new_password2": "the third horse"}, "new_password2"),
        ({"username": "otto"}, "username"),
    ],
)
def test_an_invalid_change_names_its_field(maria, guest, body, field):
    refused = maria.post(
        CHANGE, json={"current_password": PASSWORD, "new_password": ANOTHER, **body}
    )

    assert refused.status_code == 422
    assert list(refused.json["errors"]) == [field]
    assert log_in(guest, PASSWORD) == 200


def test_a_change_requires_a_token(guest):
    assert change(guest).status_code == 401


# --- reset


def send_mails(client):
    client.application.extensions["ticketing"].office.messages.send_due()


def request_reset(client, **who):
    answer = client.post(RESET, json=who or {"username": "maria"})
    send_mails(client)
    return answer


def link(mails):
    [line] = [line for line in mails.mail().content.get_content().split() if "token=" in line]
    return line


def sent_token(guest, mails):
    request_reset(guest)
    return link(mails).partition("token=")[2]


def confirm(client, token, password=ANOTHER, **more):
    return client.post(CONFIRM, json={"token": token, "new_password": password, **more})


@pytest.mark.every_store
def test_a_forgotten_password_is_reset_by_mail(account, cinema, guest, mails, tokens, clock):
    token = sent_token(guest, mails)
    assert confirm(guest, token, new_password2=ANOTHER).status_code == 204
    clock.advance(seconds=2)

    assert (log_in(guest, PASSWORD), log_in(guest, ANOTHER)) == (401, 200)
    assert cinema.bearing(tokens["access"]).get("/api/auth/me").status_code == 401
    assert renew(guest, tokens) == 401
    again = confirm(guest, token, "the third horse")
    assert (again.status_code, again.json["code"]) == (422, "reset_token_invalid")
    assert list(again.json["errors"]) == ["token"]


def test_the_mail_goes_to_the_address_of_the_account(account, guest, mails):
    request_reset(guest, email="MARIA@example.org")

    mail = mails.mail()
    assert mail.recipients == ["maria@example.org"]
    assert "http://localhost:8000/password-reset?token=" in mail.content.get_content()


def test_the_response_does_not_reveal_whether_the_account_exists(account, cinema, guest, mails):
    cinema.office.accounts.sign_up("otto", PASSWORD)

    def response_to(**who):
        answer = request_reset(guest, **who)
        body = answer.json, answer.status_code
        return body, sorted(name for name, _ in answer.headers)

    known = response_to(username="maria")
    assert known[0][1] == 202
    names = ("otto", "nobody", "", "\x00", "\ud800", "m" * 300)
    assert all(response_to(username=name) == known for name in names)
    assert response_to(email="nobody@example.org") == known
    mails.mail()
    assert mails.received.empty()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:81", "localhost.evil.example"])
def test_a_forged_host_is_in_no_mail(account, guest, mails, host):
    headers = {"Host": host, "X-Forwarded-Host": host, "Forwarded": f"host={host}"}
    guest.post(RESET, json={"username": "maria"}, headers=headers, base_url=f"http://{host}")
    send_mails(guest)

    sent = link(mails)
    assert "evil" not in sent
    assert sent.startswith("http://localhost:")


def test_the_link_leads_to_the_public_url(account, make_app, with_mail, mails):
    app = make_app(**with_mail, PUBLIC_URL="https://tickets.example.org")
    request_reset(app.test_client())

    assert link(mails).startswith("https://tickets.example.org/password-reset?token=")


def test_in_development_the_mail_is_in_the_log(account, make_app, caplog):
    with caplog.at_level("INFO", "ticketing.adapters.mail"):
        request_reset(make_app().test_client())

    [message] = caplog.messages
    assert "/password-reset?token=" in message
    assert "maria@example.org" in message


def test_in_production_without_a_mail_server_nothing_is_stored(account, make_app, caplog):
    public = "https://tickets.example.org"
    app = make_app(ENV="production", PUBLIC_URL=public)
    answer = app.test_client().post(RESET, json={"username": "maria"}, base_url=public)

    assert answer.status_code == 202
    office = app.extensions["ticketing"].office
    assert office.messages is None
    assert office.queries.messages.message_counts().waiting == 0
    assert "maria" not in caplog.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "username"),
        ({"username": "maria", "email": "maria@example.org"}, "username"),
        ({"username": 7}, "username"),
        ({"username": "maria", "password": PASSWORD}, "password"),
    ],
)
def test_an_invalid_request_for_a_reset_names_its_field(guest, body, field):
    refused = guest.post(RESET, json=body)

    assert refused.status_code == 422
    assert field in refused.json["errors"]


def test_a_reset_token_is_valid_for_30_minutes(account, guest, mails, clock):
    token = sent_token(guest, mails)
    clock.advance(minutes=30)

    assert confirm(guest, token).status_code == 422


def test_a_reset_token_outlives_the_key_that_signed_it(account, guest, make_app, with_mail, mails):
    token = sent_token(guest, mails)
    new = "a newer key for tests that is long enough"
    rotated = make_app(**with_mail, SECRET_KEY=new, OLD_SECRET_KEYS=SECRET_KEY).test_client()

    assert confirm(rotated, token).status_code == 204


def test_a_token_of_another_kind_resets_no_password(account, guest, tokens):
    for kind in ("access", "refresh"):
        assert confirm(guest, tokens[kind]).json["code"] == "reset_token_invalid"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"token": "nonsense"}, "token"),
        ({"token": ""}, "token"),
        ({"token": None}, "token"),
        ({"new_password": "short"}, "new_password"),
        ({"new_password2": "the third horse"}, "new_password2"),
    ],
)
def test_an_invalid_reset_names_its_field(account, guest, mails, body, field):
    token = sent_token(guest, mails)
    refused = guest.post(CONFIRM, json={"token": token, "new_password": ANOTHER, **body})

    assert refused.status_code == 422
    assert list(refused.json["errors"]) == [field]
    assert log_in(guest, PASSWORD) == 200
