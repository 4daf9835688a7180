"""A customer of an on-sale: looks, picks, collides, retries, double-clicks and cancels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from threading import Event

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.show import Show
from ticketing.domain.rehearsal.record import Cancellation, Confirmation, Numbers, Purchase
from ticketing.domain.sales.booking import BookingId
from ticketing.entrypoints.cli.rehearsal.picking import pick
from ticketing.entrypoints.cli.rehearsal.transport import Answer, Request, Transport

TRIES = 4
"""How often somebody picks anew whose seats are gone."""
REPEATS = 6
"""How often a request is sent that nothing settles: without an answer, or with 503 or 429."""
LONGEST_PAUSE = 2.0  # seconds
DOUBLE_CLICKS, LOSES_ANSWER, CHANGES_MIND = 0.1, 0.05, 0.08


@dataclass(frozen=True, slots=True)
class Customer:
    """Whoever is ``leaving`` finishes what they began, and begins nothing more."""

    account_id: AccountId
    token: str
    show: Show
    transport: Transport
    chance: Random
    leaving: Event

    def visit(self) -> list[Purchase]:
        """What the customer is told, one purchase after the other; only the last may succeed."""
        told: list[Purchase] = []
        while len(told) < TRIES and not self.leaving.is_set():
            free = self.look()
            if free is None:
                break
            seats = pick(self.show.plan, free, self.chance)
            purchase, goes_on = self._buy(seats, key=f"{self.account_id}-{len(told)}")
            if purchase.confirmed and self.chance.random() < CHANGES_MIND:
                purchase = self._give_back(purchase)
            told.append(purchase)
            if not goes_on:
                break
        return told

    def look(self) -> set[int] | None:
        """The seats that are free, unless the map cannot be had."""
        path = f"/api/shows/{self.show.id}/seats"
        answers, _ = self._insist(Request(kind="seat map", method="GET", path=path))
        for answer in answers:
            if answer.status == 200:
                seats = answer.content["seats"]
                return {seat["number"] for seat in seats if seat["status"] == "AVAILABLE"}
        return None

    def _buy(self, seats: Numbers, key: str) -> tuple[Purchase, bool]:
        """What came of it, and whether it makes sense to pick others."""
        request = Request(
            kind="book",
            method="POST",
            path=f"/api/shows/{self.show.id}/book",
            token=self.token,
            key=key,
            body={"seats": list(seats)},
        )
        answers, unknown = self._click(request)
        confirmed = _confirmed(answers)
        unknown = unknown and not confirmed
        purchase = Purchase(
            customer=self.account_id, seats=seats, confirmed=confirmed, unknown=unknown
        )
        return purchase, not unknown and {answer.code for answer in answers} == {"seat_taken"}

    def _click(self, request: Request) -> tuple[list[Answer], bool]:
        """Once, twice at the same instant, or again by somebody who lost the first answer."""
        manner = self.chance.random()
        if manner < DOUBLE_CLICKS:
            return self._insist(request, times=2)
        lost = self.transport.send(request) if manner < DOUBLE_CLICKS + LOSES_ANSWER else ()
        answers, unknown = self._insist(request)
        return answers, unknown or _may_have_worked(lost)

    def _give_back(self, purchase: Purchase) -> Purchase:
        booking_id = min(confirmation.booking_id for confirmation in purchase.confirmed)
        request = Request(
            kind="cancel",
            method="POST",
            path=f"/api/bookings/{booking_id}/cancel",
            token=self.token,
            key=f"cancel-{booking_id}",
        )
        answers, unknown = self._insist(request, times=self.chance.choice((1, 2)))
        if any(answer.status == 200 for answer in answers):
            return replace(purchase, cancellation=Cancellation.CONFIRMED)
        return replace(purchase, cancellation=Cancellation.UNKNOWN) if unknown else purchase

    def _insist(self, request: Request, times: int = 1) -> tuple[list[Answer], bool]:
        """What settles the request, and whether some of it may have worked unheard all the same.

        It is sent again, with its key, while nothing settles it. Also after a refusal, a request
        without an answer may find a seat that is free again.
        """
        unknown = False
        answers: Sequence[Answer | None] = ()
        for turn in range(REPEATS):
            if turn:
                self.leaving.wait(self._pause(turn, answers))
            answers = self.transport.send(request, times)
            settled = [answer for answer in answers if answer and answer.settles]
            unknown |= _may_have_worked(answers)
            if settled:
                return settled, unknown
            times = 1
        return [], unknown

    def _pause(self, turn: int, answers: Iterable[Answer | None]) -> float:
        asked_for = max(answer.retry_after if answer else 0.0 for answer in answers)
        longest = min(max(asked_for, 0.05 * 2.0**turn), LONGEST_PAUSE)
        return longest * self.chance.uniform(0.5, 1.0)


def _may_have_worked(answers: Iterable[Answer | None]) -> bool:
    """A server that says it is busy did nothing; one that says nothing is another matter."""
    return any(not answer or answer.may_have_worked for answer in answers)


def _confirmed(answers: Iterable[Answer]) -> frozenset[Confirmation]:
    return frozenset(
        Confirmation(
            BookingId(answer.content["id"]),
            tuple(seat["number"] for seat in answer.content["seats"]),
        )
        for answer in answers
        if answer.status == 201
    )
