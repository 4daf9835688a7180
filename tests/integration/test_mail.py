"""Mails, and their transmission by SMTP."""

import logging
import ssl
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.builders import a_hold, a_movie, a_show, an_account
from tests.integration.mail_server import (
    CERTIFICATE,
    TIMEOUT_SECONDS,
    Tls,
    mail_server,
    scripted_server,
    silent_server,
    trickling_server,
)
from tests.integration.postgresql_server import free_port
from ticketing.adapters.mail.logged import LoggedMailer
from ticketing.adapters.mail.rendering import MailRenderer
from ticketing.adapters.mail.smtp import MailServer, SmtpMailer
from ticketing.domain.mails import OfferMail, PasswordResetMail, ShowCancelledMail
from ticketing.domain.messages.ports import NotSent

TOKEN = f"7.1767225600.{'x' * 43}"
LINK = f"https://tickets.example.org/password-reset?token={TOKEN}"
SENDER = "tickets@example.org"
RENDERER = MailRenderer(
    sender=SENDER,
    cinema="Cinema Café",
    zone=ZoneInfo("Europe/London"),
    reset_link=LINK.removesuffix(TOKEN),
    account_page="https://tickets.example.org/account",
)
NOT_VALID = "No mail was sent to account 7: its e-mail address is not valid."
MARIA = an_account("maria", id=7, email="maria@example.org")

TRUSTING = ssl.create_default_context(cafile=CERTIFICATE)


TLS: dict[str, Tls] = {"smtp": "starttls", "smtps": "smtps"}


class Elsewhere(MailServer):
    is_local = False


def deliver(mail, port, scheme="smtp", user="", made=MailServer, **options):
    server = made.from_url(f"{scheme}://{user}127.0.0.1:{port}")
    return SmtpMailer(server, RENDERER.render, **options).send(mail)


def send(port, scheme="smtp", account=MARIA, **options):
    return deliver(PasswordResetMail(account, TOKEN), port, scheme, **options)


def fail(*args, **options):
    with pytest.raises(NotSent):
        send(*args, **options)


@pytest.fixture(scope="module")
def plain():
    with mail_server() as server:
        yield server


# --- content


def test_a_mail_contains_the_link(plain):
    assert send(plain.port)

    mail = plain.mail()
    assert plain.senders[-1] == SENDER
    assert mail.recipients == ["maria@example.org"]
    assert (mail.content["From"], mail.content["To"]) == (SENDER, "maria@example.org")
    assert mail.content["Subject"] == "Set a new password"
    assert mail.content["Auto-Submitted"] == "auto-generated"
    assert mail.content["Date"]
    assert mail.content["Message-ID"].endswith("@example.org>")
    text = mail.content.get_content()
    assert f"\n{LINK}\n" in text.replace("\r", "")
    assert "Hello maria," in text


def test_a_cancelled_show_is_named_in_the_time_of_the_cinema(plain):
    show = a_show(
        movie=a_movie("Amélie\r\nBcc: thief@example.org"),
        starts_at=datetime(2026, 7, 5, 19, 30, tzinfo=UTC),
    )
    assert deliver(ShowCancelledMail(MARIA, show), plain.port)

    mail = plain.mail()
    assert mail.recipients == ["maria@example.org"]
    assert mail.content["Subject"] == "Your show is cancelled"
    assert "Bcc" not in mail.content
    text = mail.content.get_content().replace("\r", "")
    shown = "Amélie Bcc: thief@example.org\nSunday, 5 July 2026, 20:30 BST, Screen 1\n"
    assert f"\n\n{shown}" in text
    assert "https://tickets.example.org/account\n\nCinema Café\n" in text
    assert mail.content["Content-Transfer-Encoding"] == "quoted-printable"


def test_an_offer_names_its_seats_and_its_end(plain):
    offer = a_hold(numbers=(1, 2), expires_at=datetime(2026, 1, 5, 19, 30, tzinfo=UTC))
    assert deliver(OfferMail(MARIA, offer), plain.port)

    mail = plain.mail()
    assert mail.content["Subject"] == "Seats are free for you"
    text = mail.content.get_content().replace("\r", "")
    assert "\nMetropolis\nTuesday, 5 May 2026, 19:00 BST, Screen 1\nA1, A2\n" in text
    assert "until Monday, 5 January 2026, 19:30 GMT." in text
    assert "\nhttps://tickets.example.org/account\n" in text


@pytest.mark.parametrize(
    ("email", "recipient"),
    [
        ("Maria+x@bücher.example", "Maria+x@xn--bcher-kva.example"),
        ("alice@faß.example", "alice@xn--fa-hia.example"),  # not fass.example
        (" alice@FASS.example", "alice@fass.example"),
    ],
)
def test_an_international_domain_is_encoded(plain, email, recipient):
    send(plain.port, account=an_account("maria", email=email))

    mail = plain.mail()
    assert mail.recipients == [recipient]
    assert mail.content["To"] == recipient


@pytest.mark.parametrize(
    "email",
    [
        "jörg@example.org",
        "al\u200bice@example.org",
        "maria@" + "x" * 70 + ".org",
        "maria..x@example.org",
        "<maria@example.org",
        "maria@example.org\r\nBcc: thief@example.org",
        "maria@example.org\nBcc:thief@example.org",
        "maria,thief@example.org",
        "maria;thief@example.org",
        "maria@example.org,thief@example.org",
        "x><thief@example.org",
        "maria@example.org>\r\nRCPT TO:<thief@example.org",
        "(maria)thief@example.org",
        "thief@example.org(maria)",
        "group:thief@example.org",
        "maria@example.org\x00",
        "maria@" + "x" * 70 + ".example",
        "",
        "@",
    ],
)
def test_an_invalid_address_is_sent_no_mail(plain, caplog, email):
    plain.senders.clear()
    assert not send(plain.port, account=an_account("maria", id=7, email=email))

    assert plain.senders == []
    assert caplog.messages == [NOT_VALID]
    assert email not in caplog.text or not email


def test_an_invalid_address_is_logged_in_development_too(caplog):
    mail = PasswordResetMail(an_account("joerg", id=7, email="jörg@b.de"), TOKEN)

    assert not LoggedMailer(RENDERER.render).send(mail)
    assert caplog.messages == [NOT_VALID]


def test_an_invalid_username_cannot_inject_headers(plain):
    """Sign-up refuses such a username; the mail is safe without that."""
    name = "maria\r\nBcc: thief@example.org\r\n.\r\nQUIT\r\n"
    send(plain.port, account=an_account(name, email="maria@example.org"))

    mail = plain.mail()
    assert mail.recipients == ["maria@example.org"]
    assert "Bcc" not in mail.content
    assert LINK in mail.content.get_content()


# --- transmission


def test_urls_have_default_ports_and_encoded_passwords():
    server = MailServer.from_url("smtp://me%40x:p%3A%2F%40@mail.example.org")

    assert (server.host, server.port) == ("mail.example.org", 587)
    assert (server.username, server.password) == ("me@x", "p:/@")
    assert "p:/@" not in repr(server)
    assert MailServer.from_url("smtps://mail.example.org").port == 465


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        *(("localhost", True), ("127.0.0.1", True), ("127.1.2.3", True), ("[::1]", True)),
        *(("mail.example.org", False), ("192.0.2.1", False), ("localhost.example.org", False)),
    ],
)
def test_only_this_machine_is_local(host, is_local):
    assert MailServer.from_url(f"smtp://{host}").is_local is is_local


@pytest.mark.parametrize("scheme", TLS)
def test_mails_are_encrypted_and_the_log_in_is_used(scheme):
    with mail_server(TLS[scheme], login=("me", "hunter2")) as server:
        send(server.port, scheme, user="me:hunter2@", tls=TRUSTING)

        mail = server.mail()
    assert mail.is_encrypted
    assert mail.is_authenticated


def test_a_wrong_password_is_logged(caplog):
    with mail_server("starttls", login=("me", "hunter2")) as server:
        fail(server.port, user="me:hunter3@", tls=TRUSTING)

        assert "No mail was sent to account 7: SMTPAuthenticationError 535" in caplog.messages
        assert server.senders == []


@pytest.mark.parametrize("scheme", TLS)
def test_a_remote_server_with_an_invalid_certificate_receives_nothing(caplog, scheme):
    with mail_server(TLS[scheme]) as server:
        fail(server.port, scheme, made=Elsewhere)

        assert "SSLCertVerificationError" in caplog.text
        assert server.senders == []


@pytest.mark.parametrize("scheme", TLS)
def test_a_server_on_this_machine_needs_no_valid_certificate(scheme):
    """The certificates of system packages are self-signed."""
    with mail_server(TLS[scheme]) as server:
        send(server.port, scheme)

        assert server.mail().is_encrypted


def test_a_remote_server_without_tls_receives_nothing(plain, caplog):
    plain.senders.clear()
    fail(plain.port, made=Elsewhere)

    assert caplog.messages == ["No mail was sent to account 7: SMTPNotSupportedError"]
    assert plain.senders == []


def closed_port(stack):
    return free_port()


def silent_port(stack):
    return stack.enter_context(silent_server())


@pytest.mark.parametrize("made", [closed_port, silent_port])
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_an_unreachable_or_silent_server_is_logged_without_the_link(caplog, made, scheme):
    with ExitStack() as stack:
        fail(made(stack), scheme, timeout=0.1)

    [message] = caplog.messages
    assert message.startswith("No mail was sent to account 7: ")
    assert "token" not in caplog.text
    assert "example.org" not in caplog.text


GREETING = b"220 mail.example.org ESMTP\r\n"
TLS_RECORD = b"\x16\x03\x03\x20\x00"


@pytest.mark.parametrize(
    ("scheme", "begun"), [("smtp", b""), ("smtp", GREETING), ("smtps", TLS_RECORD)]
)
def test_a_conversation_ends_in_time_although_the_server_never_pauses(caplog, scheme, begun):
    """Neither the greeting, nor a response, nor the handshake ends."""
    with trickling_server(begun) as server:
        fail(server.port, scheme, timeout=0.3)

        assert caplog.messages == ["No mail was sent to account 7: TimeoutError"]
        assert begun != GREETING or server.has_lost_client.wait(TIMEOUT_SECONDS)


def test_a_conversation_that_is_given_up_stays_encrypted(caplog, monkeypatch):
    """``SSLSocket.shutdown`` drops TLS: another thread would then send in plain text."""
    dropped = []
    monkeypatch.setattr(ssl.SSLSocket, "shutdown", lambda *_: dropped.append("TLS"))
    with mail_server("smtps") as server:
        server.may_answer.clear()
        fail(server.port, "smtps", timeout=0.5)
        server.may_answer.set()

    assert caplog.messages == ["No mail was sent to account 7: TimeoutError"]
    assert server.senders == [SENDER]
    assert dropped == []


@pytest.mark.parametrize("answer", [b"421 Bye.\r\n", b""])
def test_a_mail_that_was_accepted_is_sent_however_the_server_says_goodbye(answer):
    """Otherwise the customer would get it twice."""
    accepting = [GREETING, b"250 mail.example.org\r\n", *[b"250 OK\r\n"] * 2, b"354 Go\r\n"]
    with scripted_server([*accepting, b"250 OK\r\n", answer]) as port:
        assert send(port)


# --- without a mail server


def test_the_log_contains_the_mail_in_development(caplog):
    with caplog.at_level(logging.INFO):
        assert LoggedMailer(RENDERER.render).send(PasswordResetMail(MARIA, TOKEN))

    assert LINK in caplog.text


def test_a_long_link_stays_on_one_line():
    plain = replace(RENDERER, cinema="Cinema")
    message = plain.render(PasswordResetMail(MARIA, TOKEN))

    assert message
    assert LINK in message.as_string().splitlines()
