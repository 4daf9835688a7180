"""What people are told although they do not ask just now."""

from collections.abc import Callable
from typing import Protocol

from ticketing.domain.account import Account


class Notifications(Protocol):
    """Messages to the owners of accounts."""

    def password_reset(self, account: Account, link: str) -> None:
        """Send the link, which lets its bearer set a new password, to the account's address.

        It takes its time, and a message that cannot be sent is lost: the log says so, and holds
        nothing of the link.
        """


class Aside(Protocol):
    """Does work while nobody waits for it. It is dropped where too much is waiting already."""

    def __call__(self, work: Callable[[], None]) -> None: ...
