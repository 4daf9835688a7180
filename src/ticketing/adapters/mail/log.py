"""Notifications without a mail server."""

import logging

from ticketing.adapters.mail.message import reset_message
from ticketing.domain.accounts.account import Account

logger = logging.getLogger(__name__)


class LoggedNotifications:
    """The ``Notifications`` port for development: logs the mails with their links."""

    def password_reset(self, account: Account, link: str) -> None:
        message = reset_message("ticketing@localhost", account, link)
        logger.info("A mail to %s:\n%s", message["To"], message.get_content())


class NoNotifications:
    """The ``Notifications`` port for production without a mail server: sends nothing."""

    def password_reset(self, account: Account, link: str) -> None:
        logger.warning("No mail was sent to account %d: TICKETING_SMTP_URL is not set.", account.id)
