"""E-mail addresses: which are valid, and which are the same mailbox."""

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.builders import NOW, an_account
from ticketing.adapters.email_addresses import NAME_KEYS, parse_email
from ticketing.domain.accounts.account import username_fault
from ticketing.domain.accounts.errors import InvalidEmail
from ticketing.domain.accounts.names import EmailAddress

SAME = [
    ("maria@example.org", "MARIA@Example.ORG"),
    ("maria@example.org", " maria@example.org\n"),
    ("x@例え.jp", "x@xn--r8jz45g.jp"),
    ("x@例え.jp", "X@XN--R8JZ45G.JP"),
    ("x@例え.jp", "x@例え。jp"),
    ("maria@bücher.example", "maria@BÜCHER.example"),
    ("maria@bücher.example", "maria@bu\u0308cher.example"),
    ("maria@example.org", "maria@\uff45xample.org"),
    ("info@example.org", "INFO@example.org"),
]
DIFFERENT = [
    ("alice@faß.example", "alice@fass.example"),
    ("alice@\u03c2.example", "alice@\u03c3.example"),
    ("alice@example.org", "alice@example.com"),
    ("alice@example.org", "alic.e@example.org"),
    ("alice@bücher.example", "alice@bucher.example"),
    ("alice@\u0430.example", "alice@a.example"),  # Cyrillic
]


@pytest.mark.parametrize(
    ("text", "key", "mailbox"),
    [
        ("Alice@faß.example", "alice@xn--fa-hia.example", "Alice@xn--fa-hia.example"),
        ("alice@fass.example", "alice@fass.example", "alice@fass.example"),
        (" X@例え.jp", "x@xn--r8jz45g.jp", "X@xn--r8jz45g.jp"),
        ("Ma.Ria+tag@Sub.Example.org", "ma.ria+tag@sub.example.org", "Ma.Ria+tag@sub.example.org"),
        ("o'neil@example.org", "o'neil@example.org", "o'neil@example.org"),
        (f"{'M' * 64}@b.co", f"{'m' * 64}@b.co", f"{'M' * 64}@b.co"),
        ("Maria@Mailhost", "maria@mailhost", "Maria@mailhost"),
        ("maria@localhost", "maria@localhost", "maria@localhost"),
        ("maria@cinema.local", "maria@cinema.local", "maria@cinema.local"),
        ("maria@mail.cinema.test", "maria@mail.cinema.test", "maria@mail.cinema.test"),
    ],
)
def test_an_address_has_a_key_and_a_form_for_mail(text, key, mailbox):
    assert parse_email(text) == EmailAddress(key, mailbox)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_mailbox_has_one_key(one, other):
    assert parse_email(one).key == parse_email(other).key
    assert NAME_KEYS.main(one) == NAME_KEYS.main(other)
    assert NAME_KEYS.is_same_mailbox(one, other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_mailboxes_have_two_keys(one, other):
    assert parse_email(one).key != parse_email(other).key
    assert not NAME_KEYS.is_same_mailbox(one, other)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "maria", "@", "@example.org", "maria@", "a@b@c.de", "a b@c.de", "a@b..de"),
        *("carol@example.com,x", "<dave@example.com", "<dave@example.com>", "d <dave@example.com>"),
        *("a;b@example.com", "a..b@example.com", ".a@example.com", "a.@example.com"),
        *("jörg@example.com", "\uff41lice@example.com", "straße@example.com", "a\uff20b.de"),
        *("al\u200bice@example.com", "al\u00adice@example.com", "al\u2060ice@example.com"),
        *("alice@exam\u200bple.com", "alice@exam\u00adple.com", "alice@exam\u2060ple.com"),
        *("\u200balice@example.com", "alice@example.com\u200b", "a@क्\u200dष.example"),
        *(f"a@{'x' * 70}.com", f"{'a' * 65}@b.co", f"a@{'b.' * 126}de", f"a@{'例' * 60}.jp"),
        *("a@[127.0.0.1]", "a@127.0.0.1", "a@127.1", "a@1", "a@[::1]", "a@::1", "a@b.de."),
        *("a@b.invalid", "a@b.onion", "a@1.0.0.127.in-addr.arpa"),
        *('"a b"@c.de', '"ab"@c.de', "a(b)@c.de", "a@c.de(b)", "group:a@c.de", "a@-b.de"),
        *("a@b.de\x00", "\ud800@b.de", "a@b.de\nBcc: d@e.fr", "a@xn--a.example", "a@☃.net"),
        *("x><thief@example.org", "maria@example.org>\r\nRCPT TO:<thief@example.org"),
    ],
)
def test_invalid_addresses(text):
    with pytest.raises(InvalidEmail) as refusal:
        parse_email(text)
    assert refusal.value.detail
    assert NAME_KEYS.email_fault(text) == refusal.value.detail
    assert not NAME_KEYS.is_same_mailbox(text, text)


@given(st.text(st.characters()))
@example("@")
def test_a_username_is_never_an_email_address(text):
    assert username_fault(text) or NAME_KEYS.email_fault(text)


@given(
    st.text(st.characters(), max_size=80) | st.text("aZ9._+-", min_size=1, max_size=9),
    st.text(st.characters(), max_size=200) | st.text("aZ9ßςÜ例え.-", min_size=1, max_size=9),
)
def test_what_is_accepted_can_be_mailed_and_judged_again(local, domain):
    try:
        parsed = parse_email(f"{local}@{domain}.example")
    except InvalidEmail:
        return
    assert parsed.mailbox.isascii()
    assert parsed.mailbox.casefold() == parsed.key
    assert parse_email(parsed.mailbox) == parsed
    assert parse_email(parsed.key).key == parsed.key


def test_accounts_are_found_by_the_key_of_their_address_and_then_by_the_earlier_one():
    assert NAME_KEYS.of_name("Maria") == ["maria"]
    assert NAME_KEYS.of_name("M@faß.example") == ["EMAIL:m@xn--fa-hia.example", "m@fass.example"]
    assert NAME_KEYS.of_name("JÖRG@example.com") == ["jörg@example.com"]


def test_an_account_has_the_keys_of_its_names():
    maria = an_account("Maria", email="M@faß.example")
    assert NAME_KEYS.of_account(maria) == ["maria", "EMAIL:m@xn--fa-hia.example"]
    assert NAME_KEYS.earlier(maria) == "m@fass.example"


def test_an_invalid_address_keeps_its_earlier_key():
    jörg = an_account("joerg", email="JÖRG@example.com")
    assert NAME_KEYS.of_account(jörg) == ["joerg", "jörg@example.com"]
    assert NAME_KEYS.earlier(jörg) is None
    assert NAME_KEYS.can_name("jörg@example.com", jörg)


def test_accounts_without_address_have_one_key_and_deleted_ones_none():
    maria = an_account("Maria")
    assert NAME_KEYS.of_account(maria) == ["maria"]
    assert NAME_KEYS.earlier(maria) is None
    assert NAME_KEYS.of_account(maria.deleted(NOW)) == []
    assert NAME_KEYS.can_name("maria", maria)
    assert not NAME_KEYS.can_name("maria", maria.deleted(NOW))


def test_an_earlier_key_of_two_mailboxes_names_neither_of_the_other():
    alice = an_account("alice", email="alice@faß.example")
    assert NAME_KEYS.can_name("alice@faß.example", alice)
    assert NAME_KEYS.can_name("alice@xn--fa-hia.example", alice)
    assert not NAME_KEYS.can_name("alice@fass.example", alice)
    assert NAME_KEYS.can_name("alice", alice)


def test_judging_an_address_loads_no_resolver():
    check = """
import sys
from ticketing.adapters.email_addresses import parse_email
parse_email("maria@example.org")
sys.exit("dns" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
