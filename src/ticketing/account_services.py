"""The composition root's part for accounts: log-ins, passwords, and the mails about them."""

from collections.abc import Sequence
from typing import NamedTuple

from ticketing.adapters.mail.background import BackgroundWorker
from ticketing.adapters.mail.log import LoggedNotifications, NoNotifications
from ticketing.adapters.mail.smtp import MailServer, SmtpNotifications
from ticketing.adapters.passwords import Argon2Hasher, common_passwords
from ticketing.adapters.reset_tokens import SignedResetTokens
from ticketing.domain.accounts.account import PasswordRules
from ticketing.domain.accounts.account_service import AccountService
from ticketing.domain.accounts.own_account_service import OwnAccountService
from ticketing.domain.accounts.password_reset_service import PasswordResetService
from ticketing.domain.accounts.ports import Notifications
from ticketing.domain.accounts.queries import AccountQueries
from ticketing.domain.accounts.session_service import SessionService
from ticketing.domain.accounts.throttle import LOG_INS, RESET_MAILS, Limit, Throttle
from ticketing.domain.keys import derived_key
from ticketing.domain.store import UnitOfWork
from ticketing.domain.unit_of_work import Transactions
from ticketing.settings import Settings


class AccountServices(NamedTuple):
    accounts: AccountService
    sessions: SessionService
    own_accounts: OwnAccountService
    password_resets: PasswordResetService


def account_services(
    settings: Settings,
    transactions: Transactions[UnitOfWork],
    queries: AccountQueries,
    secrets: Sequence[str],
) -> AccountServices:
    """``secrets`` are the server's, that which signs first. An operator, who has none, may guess
    as often as they like, and sends no mails."""

    def throttle(limit: Limit, purpose: str) -> Throttle:
        counts = settings.ratelimit and secrets
        return Throttle(transactions, limit, derived_key(secrets[0], purpose) if counts else None)

    common = common_passwords() if settings.refuse_common_passwords else frozenset[str]()
    hasher, rules = Argon2Hasher(), PasswordRules(settings.password_min_length, common)
    log_ins = throttle(LOG_INS, "failed log-ins")
    return AccountServices(
        AccountService(transactions, queries, hasher, rules),
        SessionService(transactions, queries, hasher, settings.refresh_token_lifetime, log_ins),
        OwnAccountService(transactions, queries, hasher, rules, log_ins),
        PasswordResetService(
            transactions,
            queries,
            hasher,
            rules,
            SignedResetTokens([derived_key(secret, "password reset") for secret in secrets]),
            throttle(RESET_MAILS, "password reset mails"),
            _notifications(settings),
            BackgroundWorker(),
        ),
    )


def _notifications(settings: Settings) -> Notifications:
    if settings.smtp_url and settings.mail_from:
        return SmtpNotifications(MailServer.from_url(settings.smtp_url), settings.mail_from)
    return NoNotifications() if settings.is_production else LoggedNotifications()
