"""Answers to requests that may come again."""

from collections.abc import Callable
from datetime import datetime

from ticketing.adapters.memory.state import State
from ticketing.domain.sales.idempotency import KeptAnswer, RequestKey


class MemoryIdempotencyKeys:
    def __init__(self, state: State, clock: Callable[[], datetime]) -> None:
        self._answers = state.answers
        self._clock = clock
        self._claimed: dict[RequestKey, str] = {}

    def claim(self, key: RequestKey, fingerprint: str) -> KeptAnswer | None:
        self._claimed[key] = fingerprint
        kept, _ = self._answers.get(key, (None, None))
        return kept

    def keep(self, key: RequestKey, answer: str) -> None:
        self._answers[key] = KeptAnswer(self._claimed[key], answer), self._clock()

    def forget(self, before: datetime) -> int:
        old = [key for key, (_, kept_at) in self._answers.items() if kept_at < before]
        for key in old:
            del self._answers[key]
        return len(old)
