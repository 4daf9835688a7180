"""The outbox."""

from datetime import datetime

from ticketing.adapters.memory.state import State, require
from ticketing.domain.messages.message import (
    Message,
    PasswordResetMessage,
    ShowCancelledMessage,
    ShowMessage,
)
from ticketing.domain.messages.ports import WaitingResets
from ticketing.domain.programme.show import ShowId


class MemoryOutbox:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, message: Message) -> None:
        require(_key(message) not in self._state.messages)
        self._state.messages[_key(message)] = message

    def add_show_cancelled(self, show_id: int, at: datetime) -> None:
        bookings = self._state.bookings_of(ShowId(show_id))
        customers = {booking.customer for booking in bookings if booking.is_active}
        for customer in customers:
            account = self._state.accounts.get(customer)
            if account and account.email is not None:
                self.add(
                    ShowCancelledMessage(
                        id=f"{ShowCancelledMessage.kind}-{customer}",
                        show_id=show_id,
                        account_id=customer,
                        created_at=at,
                        next_attempt_at=at,
                    )
                )

    def waiting(self, name_hash: str, client_hash: str) -> WaitingResets:
        messages = self._state.messages.values()
        resets = [each for each in messages if isinstance(each, PasswordResetMessage)]
        return WaitingResets(
            sum(each.name_hash == name_hash for each in resets),
            sum(each.client_hash == client_hash for each in resets),
        )

    def save(self, before: Message, after: Message) -> bool:
        stored = self._state.messages.get(_key(before))
        if stored is None or stored.failed_at or stored.attempts != before.attempts:
            return False
        self._state.messages[_key(before)] = after
        return True

    def remove(self, message: Message) -> None:
        self._state.messages.pop(_key(message), None)

    def remove_all_of(self, account_id: int) -> None:
        for message in list(self._state.messages.values()):
            if isinstance(message, ShowMessage) and message.account_id == account_id:
                self.remove(message)

    def purge_failed(self, before: datetime) -> int:
        messages = self._state.messages.values()
        old = [each for each in messages if each.failed_at and each.failed_at < before]
        for message in old:
            self.remove(message)
        return len(old)


def _key(message: Message) -> tuple[int | str, str]:
    match message:
        case ShowMessage():
            return message.show_id, message.id
        case PasswordResetMessage():
            return message.name_hash, message.id
    raise TypeError(message.kind)
