"""The mails that messages become, or do not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import (
    ADDRESS,
    CLEANING,
    PASSWORD,
    SALES_GRACE,
    FastHasher,
    Mailbox,
    account_service,
    put_on,
    register,
    sending_service,
)
from ticketing.adapters.email_addresses import NAME_KEYS
from ticketing.adapters.reset_tokens import SignedResetTokens
from ticketing.domain.accounts.password_reset_service import PasswordResetService
from ticketing.domain.accounts.passwords import Passwords
from ticketing.domain.accounts.throttle import RESET_MAILS, Throttle
from ticketing.domain.mails import ShowCancelledMail
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy

ANOTHER = "another horse"
TOKENS = SignedResetTokens([b"a key"])


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def sender(transactions, queries, mailbox):
    throttle = Throttle(transactions, RESET_MAILS, b"a third key")
    return sending_service(transactions, queries, mailbox, TOKENS, throttle=throttle)


@pytest.fixture
def accounts(transactions, queries):
    return account_service(transactions, queries)


@pytest.fixture(autouse=True)
def maria(accounts):
    return accounts.sign_up("Maria", PASSWORD, "maria@example.org")


@pytest.fixture
def waiting(transactions):
    return lambda: list(transactions.state.messages.values())


class TestPasswordReset:
    @pytest.fixture
    def resets(self, transactions, queries):
        parts = transactions, queries.accounts, Passwords(FastHasher()), TOKENS
        return PasswordResetService(*parts, b"another key", NAME_KEYS.main)

    @pytest.fixture
    def request_mail(self, resets, sender):
        def request_mail(name):
            resets.request(name, ADDRESS)
            sender.send_due()

        return request_mail

    @pytest.mark.parametrize("name", ["MARIA", "maria@example.org"])
    def test_a_request_sends_a_token(self, request_mail, mailbox, resets, name):
        request_mail(name)

        [mail] = mailbox.mails
        assert mail.account.username == "Maria"
        resets.confirm(mail.token, ANOTHER)

    @pytest.mark.parametrize("name", ["unknown", "", "x@example.org"])
    def test_an_unknown_name_is_sent_no_mail(self, request_mail, mailbox, waiting, name):
        request_mail(name)

        assert mailbox.mails == waiting() == []

    def test_accounts_without_address_or_password_are_sent_no_mail(
        self, request_mail, mailbox, transactions
    ):
        register(transactions, "otto", password_hash="$")
        register(transactions, "r-1", rehearsal="rehearsal-r", email="r@example.org")
        request_mail("otto")
        request_mail("r-1")

        assert mailbox.mails == []

    def test_an_account_deleted_meanwhile_is_sent_no_mail(
        self, resets, sender, accounts, mailbox, maria
    ):
        resets.request("maria", ADDRESS)
        accounts.delete(maria.id)
        sender.send_due()

        assert mailbox.mails == []

    def test_the_token_is_made_when_the_mail_is_sent(self, resets, sender, mailbox, clock):
        resets.request("maria", ADDRESS)
        clock.advance(minutes=29)
        sender.send_due()
        clock.advance(minutes=29)

        resets.confirm(mailbox.mails[0].token, ANOTHER)

    def test_a_link_is_valid_from_when_it_is_sent(self, resets, sender, mailbox, clock):
        resets.request("maria", ADDRESS)
        clock.advance(hours=20)
        sender.send_due()
        clock.advance(minutes=29)

        resets.confirm(mailbox.mails[0].token, ANOTHER)

    def test_an_account_gets_at_most_three_mails_in_30_minutes(self, request_mail, mailbox, clock):
        for _ in range(5):
            request_mail("maria")
            request_mail("maria@example.org")
        assert len(mailbox.mails) == 3

        clock.advance(hours=1)
        request_mail("maria")
        assert len(mailbox.mails) == 4

    def test_a_mail_is_counted_once_however_often_it_is_attempted(
        self, request_mail, sender, mailbox, clock
    ):
        mailbox.refuses = True
        request_mail("maria")
        for minutes in (1, 2, 4):
            clock.advance(minutes=minutes)
            sender.send_due()
        mailbox.refuses = False
        for _ in range(3):
            request_mail("maria")

        assert len(mailbox.mails) == 2
        clock.advance(minutes=8)
        sender.send_due()
        assert len(mailbox.mails) == 3

    @pytest.mark.parametrize("later", [0, 29, 30, 31, 59, 60])
    def test_an_account_over_the_limit_still_has_a_valid_link(
        self, request_mail, resets, mailbox, clock, later
    ):
        """Otherwise anyone could lock the owner out."""
        for _ in range(RESET_MAILS.attempts):
            request_mail("maria")
        clock.advance(minutes=later)
        request_mail("maria")

        resets.confirm(mailbox.mails[-1].token, ANOTHER)

    def test_the_limit_of_mails_is_per_account(self, accounts, request_mail, mailbox):
        accounts.sign_up("otto", PASSWORD, "otto@example.org")
        for _ in range(RESET_MAILS.attempts + 1):
            request_mail("maria")
        mailbox.mails.clear()

        request_mail("otto")

        assert [mail.account.username for mail in mailbox.mails] == ["otto"]

    def test_an_address_of_maximum_length_gets_a_mail(self, accounts, request_mail, mailbox):
        email = f"{'a' * 64}@{'b' * 62}.{'c' * 63}.{'d' * 62}"
        accounts.sign_up("otto", PASSWORD, email)

        request_mail(email)

        assert len(mailbox.mails) == 1


class TestShowCancelled:
    @pytest.fixture
    def show(self, transactions):
        return put_on(transactions)

    @pytest.fixture
    def book(self, transactions, show):
        sales = BookingService(transactions, SalesPolicy(SALES_GRACE))
        return lambda account, *seats: sales.book(show.id, seats, account.id)

    @pytest.fixture
    def cancel(self, transactions, show):
        programme = ProgrammeService(transactions, CLEANING)
        return lambda: programme.change_show(show.id, ShowDraft(cancelled=True))

    def test_its_customers_are_sent_a_mail(self, cancel, book, sender, mailbox, maria):
        book(maria, 1, 2)
        book(maria, 3)
        cancelled = cancel()
        cancel()
        sender.send_due()

        assert mailbox.mails == [ShowCancelledMail(maria, cancelled)]

    def test_a_refused_cancellation_adds_no_message(self, transactions, show, waiting):
        with pytest.raises(ZeroDivisionError):
            transactions(lambda uow: uow.outbox.add_show_cancelled(show.id, uow.now()) or 1 / 0)

        assert waiting() == []

    def test_a_deleted_account_is_sent_none(
        self, cancel, book, sender, mailbox, maria, accounts, waiting
    ):
        book(maria, 1)
        cancel()
        [message] = waiting()
        accounts.delete(maria.id)
        assert waiting() == []

        assert not sender.deliver(message)
        assert mailbox.mails == []

    def test_a_show_that_is_over_is_no_news(
        self, cancel, book, sender, mailbox, maria, show, clock
    ):
        book(maria, 1)
        cancel()
        [message] = sender.queries.due_messages(1)
        clock.now = show.ends_at - timedelta(seconds=1)
        assert sender.deliver(message)

        clock.now = show.ends_at
        assert not sender.deliver(replace(message, attempts=2))
        assert len(mailbox.mails) == 1
