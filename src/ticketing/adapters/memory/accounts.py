"""Accounts, sessions, failed log-ins and the audit log."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ticketing.adapters.email_addresses import NAME_KEYS
from ticketing.adapters.memory.state import State, found, require
from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.accounts.errors import AccountNotFound
from ticketing.domain.accounts.ports import Attempts
from ticketing.domain.accounts.session import Session, SessionId
from ticketing.domain.audit import AuditEntry
from ticketing.domain.text import is_wellformed


class MemoryAccounts:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, account: Account) -> Account:
        [added] = self.add_all([account])
        return added

    def add_all(self, accounts: Sequence[Account]) -> list[Account]:
        added = [replace(account, id=AccountId(self._state.next_id())) for account in accounts]
        self._store(added)
        return added

    def get(self, account_id: AccountId) -> Account:
        return found(self._state.accounts, account_id, AccountNotFound)

    lock = get  # a unit of work has the whole store to itself

    def find(self, name: str) -> Account | None:
        if not is_wellformed(name):
            return None
        for key in NAME_KEYS.of_name(name):
            for account in self._state.accounts.values():
                keys = [*NAME_KEYS.of_account(account), NAME_KEYS.earlier(account)]
                if key in keys and NAME_KEYS.can_name(name, account):
                    return account
        return None

    def save(self, account: Account) -> None:
        self._store([account])

    def _store(self, changed: Sequence[Account]) -> None:
        accounts = self._state.accounts | {account.id: account for account in changed}
        keys = [key for account in accounts.values() for key in NAME_KEYS.of_account(account)]
        require(len(keys) == len(set(keys)))
        self._state.accounts = accounts

    def purge_rehearsals(self, name: str | None = None) -> int:
        accounts, sessions = self._state.accounts, self._state.sessions
        marked = {
            account.id
            for account in accounts.values()
            if account.is_rehearsal and name in (None, account.rehearsal)
        }
        for session in [each for each in sessions.values() if each.account_id in marked]:
            del sessions[session.id]
        for account_id in marked:
            del accounts[account_id]
        return len(marked)


class MemorySessions:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, session: Session) -> None:
        require(session.account_id in self._state.accounts)
        self.save(session)

    def lock(self, account_id: AccountId, session_id: SessionId) -> Session | None:
        session = self._state.sessions.get(session_id)
        return session if session and session.account_id == account_id else None

    def save(self, session: Session) -> None:
        self._state.sessions[session.id] = session

    def revoke_all(
        self, account_id: AccountId, at: datetime, *, but: SessionId | None = None
    ) -> None:
        for session in self._of(account_id):
            if session.id != but:
                self.save(session.revoked(at))

    def revoke_excess(self, account_id: AccountId, at: datetime, *, keep: int) -> int:
        excess = self._excess(account_id, at, keep)
        for session in excess:
            self.save(session.revoked(at))
        return len(excess)

    def delete_excess(
        self, account_id: AccountId, at: datetime, *, keep: int, idle_since: datetime
    ) -> int:
        excess = self._excess(account_id, at, keep)
        idle = [session for session in excess if session.renewed_at < idle_since]
        for session in idle:
            del self._state.sessions[session.id]
        return len(idle)

    def _excess(self, account_id: AccountId, at: datetime, keep: int) -> list[Session]:
        theirs = self._of(account_id)
        open_ones = [each for each in theirs if not each.revoked_at and at < each.expires_at]
        return sorted(open_ones, key=lambda session: session.renewed_at, reverse=True)[keep:]

    def purge(self, before: datetime) -> int:
        sessions = self._state.sessions
        ended = [
            each
            for each in sessions.values()
            if each.expires_at < before or (each.revoked_at and each.revoked_at < before)
        ]
        for session in ended:
            del sessions[session.id]
        return len(ended)

    def _of(self, account_id: AccountId) -> list[Session]:
        return [
            session for session in self._state.sessions.values() if session.account_id == account_id
        ]


class MemoryFailedLogIns:
    def __init__(self, state: State) -> None:
        self._kept = state.attempts

    def reserve(
        self, key: str, now: datetime, *, expired: datetime, abandoned: datetime
    ) -> Attempts:
        before, reserved_at = self._kept.get(key, (Attempts(0, 0, now), now))
        failures = before.failures if before.since > expired else 0
        unfinished = before.unfinished if reserved_at > abandoned else 0
        made = Attempts(failures, unfinished + 1, before.since if failures else now)
        self._kept[key] = made, now
        return made

    def fail(self, key: str) -> None:
        if key in self._kept:
            made, reserved_at = self._kept[key]
            unfinished = max(made.unfinished - 1, 0)
            failed = replace(made, failures=made.failures + 1, unfinished=unfinished)
            self._kept[key] = failed, reserved_at

    def clear(self, key: str) -> None:
        if key in self._kept:
            made, reserved_at = self._kept.pop(key)
            if made.unfinished > 1:
                left = replace(made, failures=0, unfinished=made.unfinished - 1)
                self._kept[key] = left, reserved_at

    def purge_old(self, before: datetime) -> int:
        old = [key for key, (made, _) in self._kept.items() if made.since < before]
        for key in old:
            del self._kept[key]
        return len(old)


class MemoryAuditLog:
    def __init__(self, state: State) -> None:
        self._state = state

    def append(self, entry: AuditEntry) -> None:
        added = replace(entry, id=self._state.next_id())
        self._state.audit[added.id] = added
