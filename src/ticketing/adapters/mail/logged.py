"""Mails in the log, for development."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

from ticketing.domain.mails import Mail

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoggedMailer:
    """The ``Mailer`` port, with links and all."""

    render: Callable[[Mail], EmailMessage | None]

    def send(self, mail: Mail) -> bool:
        message = self.render(mail)
        if message is None:
            return False
        logger.info("A mail to %s:\n%s", message["To"], message.get_content())
        return True
