"""The page to request a reset mail."""

import pytest
from flask.testing import FlaskClient

from tests.builders import PASSWORD
from tests.integration.mail_server import mail_server

PAGE = "/password-reset/request"


@pytest.fixture(scope="module")
def mails():
    with mail_server() as server:
        yield server


@pytest.fixture
def app(make_app, mails):
    return make_app(MAIL_FROM="tickets@example.org", SMTP_URL=f"smtp://127.0.0.1:{mails.port}")


@pytest.fixture
def guest(app):
    """A client without checks of JSON: responses are pages."""
    return FlaskClient(app, app.response_class)


@pytest.fixture(autouse=True)
def account(cinema):
    return cinema.office.accounts.sign_up("maria", PASSWORD, "maria@example.org")


def request_mail(client, name, **options):
    answer = client.post(PAGE, data={"name": name}, **options)
    client.application.extensions["ticketing"].office.messages.send_due()
    return answer


def link(mails):
    [line] = [line for line in mails.mail().content.get_content().split() if "token=" in line]
    return line


def test_the_form_has_a_name_field(guest):
    answer = guest.get(PAGE)

    assert answer.status_code == 200
    assert f'<form method="post" action="{PAGE}">' in answer.text
    assert '<input id="name" name="name"' in answer.text


@pytest.mark.parametrize("name", ["maria", "MARIA@example.org"])
def test_a_request_sends_a_link_to_the_password_form(guest, mails, name):
    assert request_mail(guest, name).status_code == 200

    answer = guest.get(link(mails))

    assert answer.status_code == 200
    assert "Set a new password" in answer.text


def test_the_response_does_not_reveal_whether_the_account_exists(guest, cinema, mails):
    cinema.office.accounts.sign_up("otto", PASSWORD)

    def response_to(name):
        answer = request_mail(guest, name)
        return answer.status_code, answer.text, sorted(name for name, _ in answer.headers)

    known = response_to("maria")
    assert "If an account with this name" in known[1]
    for name in ("otto", "nobody", "", "\x00", "nobody@example.org", "m" * 300, "<b>"):
        assert response_to(name) == known
    assert guest.post(PAGE).text == known[1]
    mails.mail()
    assert mails.received.empty()


def test_a_forged_host_is_in_no_mail(guest, mails):
    request_mail(guest, "maria", base_url="http://evil.example")

    assert "evil" not in link(mails)


def test_the_staffs_log_in_links_to_it(guest):
    assert f'href="{PAGE}"' in guest.get("/admin/log-in").text
