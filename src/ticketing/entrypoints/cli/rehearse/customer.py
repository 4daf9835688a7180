"""A simulated customer: reads the seat map, chooses, collides, retries, double-clicks, holds,
cancels.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from random import Random
from threading import Event
from typing import Any

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.show import Show
from ticketing.domain.rehearsal.consistency import Cancellation, Confirmation, Numbers, Purchase
from ticketing.domain.sales.booking import BookingId
from ticketing.domain.sales.hold import HoldId
from ticketing.entrypoints.cli.rehearse.http_client import Answer, Client, Request

MAX_CHOICES = 4
"""How often a customer whose seats are taken chooses others."""

MAX_ATTEMPTS = 6
"""How often a request without a final answer is sent: after no answer, 503 or 429."""

MAX_PAUSE_SECONDS = 2.0
DOUBLE_CLICKS, LOSES_ANSWER, HOLDS_FIRST, CHANGES_MIND = 0.1, 0.05, 0.25, 0.08
LEAVES_HOLD, EXTENDS_HOLD = 0.1, 0.2
PARTY_SIZES, PARTY_WEIGHTS = (1, 2, 3, 4), (20, 45, 15, 20)
BEST_ROW, BEST_COLUMN = 0.6, 0.5  # fractions of the rows and columns
STANDARD_DEVIATION = 0.12


@dataclass(frozen=True, slots=True)
class Customer:
    """Once ``stopping`` is set, the customer finishes the current purchase and starts no other."""

    account_id: AccountId
    token: str
    show: Show
    client: Client
    chance: Random
    stopping: Event

    def visit(self) -> list[Purchase]:
        """Return the outcome of each purchase that was tried; only the last may succeed."""
        purchases: list[Purchase] = []
        while len(purchases) < MAX_CHOICES and not self.stopping.is_set():
            free = self.seats_on_map("AVAILABLE")
            if free is None:
                break
            seats = choose_seats(self.show.plan, free, self.chance)
            purchase, tries_again = self._buy(seats, key=f"{self.account_id}-{len(purchases)}")
            if purchase.confirmed and self.chance.random() < CHANGES_MIND:
                purchase = self._cancel(purchase)
            purchases.append(purchase)
            if not tries_again:
                break
        return purchases

    def seats_on_map(self, status: str) -> set[int] | None:
        """Return the seats that have that status on the map, or None if it cannot be fetched."""
        path = f"/api/shows/{self.show.id}/seats"
        answers, _ = self._send_until_final(Request(kind="seat map", path=path))
        for answer in answers:
            if answer.status == 200:
                seats = answer.content["seats"]
                return {seat["number"] for seat in seats if seat["status"] == status}
        return None

    def _buy(self, seats: Numbers, key: str) -> tuple[Purchase, bool]:
        """Return the outcome and whether choosing other seats makes sense."""
        manner = self.chance.random() - DOUBLE_CLICKS - LOSES_ANSWER
        if 0 <= manner < HOLDS_FIRST:
            return self._hold_and_buy(seats, key)
        path = f"/api/shows/{self.show.id}/book"
        request = self._post("book", path, key, {"seats": list(seats)})
        if manner >= 0:
            answers, unknown = self._send_until_final(request)
        elif manner < -LOSES_ANSWER:
            answers, unknown = self._send_until_final(request, times=2)
        else:
            lost = self.client.send(request)
            answers, unknown = self._send_until_final(request)
            unknown |= _may_have_worked(lost)
        return self._outcome(Purchase(customer=self.account_id, seats=seats), answers, unknown)

    def _hold_and_buy(self, seats: Numbers, key: str) -> tuple[Purchase, bool]:
        """Hold the seats, perhaps extend the hold, and book it or leave it to expire."""
        path = f"/api/shows/{self.show.id}/holds"
        answers, _ = self._send_until_final(self._post("hold", path, key, {"seats": list(seats)}))
        hold = next((HoldId(each.content["id"]) for each in answers if each.status == 201), None)
        purchase = Purchase(customer=self.account_id, seats=seats, hold=hold)
        if hold is None:
            return purchase, _are_taken(answers)
        mood = self.chance.random()
        if mood < LEAVES_HOLD:
            return purchase, False
        if mood < LEAVES_HOLD + EXTENDS_HOLD:
            self._send_until_final(self._post("extend a hold", f"/api/holds/{hold}/extend"))
        request = self._post("book a hold", f"/api/holds/{hold}/book", key)
        sent = self._send_until_final(request, times=self.chance.choice((1, 2)))
        return self._outcome(purchase, *sent)

    def _outcome(
        self, purchase: Purchase, answers: Sequence[Answer], unknown: bool
    ) -> tuple[Purchase, bool]:
        confirmed = _confirmed(answers)
        unknown = unknown and not confirmed
        known = replace(purchase, confirmed=confirmed, unknown=unknown)
        return known, not unknown and _are_taken(answers)

    def _post(self, kind: str, path: str, key: str = "", body: Any = None) -> Request:
        return Request(kind=kind, method="POST", path=path, token=self.token, key=key, body=body)

    def _cancel(self, purchase: Purchase) -> Purchase:
        booking_id = min(confirmation.booking_id for confirmation in purchase.confirmed)
        path = f"/api/bookings/{booking_id}/cancel?show_id={self.show.id}"
        request = self._post("cancel", path, f"cancel-{booking_id}")
        answers, unknown = self._send_until_final(request, times=self.chance.choice((1, 2)))
        if any(answer.status == 200 for answer in answers):
            return replace(purchase, cancellation=Cancellation.CONFIRMED)
        return replace(purchase, cancellation=Cancellation.UNKNOWN) if unknown else purchase

    def _send_until_final(self, request: Request, times: int = 1) -> tuple[list[Answer], bool]:
        """Return the final answers, and whether an unanswered request may have worked as well.

        The request is repeated with its key until an answer is final. Also after a refusal, an
        unanswered request may find its seat free again.
        """
        unknown = False
        answers: Sequence[Answer | None] = ()
        for attempt in range(MAX_ATTEMPTS):
            if attempt:
                self.stopping.wait(self._pause(attempt, answers))
            answers = self.client.send(request, times)
            final = [answer for answer in answers if answer and answer.is_final]
            unknown |= _may_have_worked(answers)
            if final:
                return final, unknown
            times = 1
        return [], unknown

    def _pause(self, attempt: int, answers: Iterable[Answer | None]) -> float:
        retry_after = max(answer.retry_after if answer else 0.0 for answer in answers)
        longest = min(max(retry_after, 0.05 * 2.0**attempt), MAX_PAUSE_SECONDS)
        return longest * self.chance.uniform(0.5, 1.0)


def _may_have_worked(answers: Iterable[Answer | None]) -> bool:
    return any(not answer or answer.may_have_worked for answer in answers)


def _are_taken(answers: Iterable[Answer]) -> bool:
    """Return whether others have the seats, so that choosing again makes sense."""
    codes = {answer.code for answer in answers}
    return bool(codes) and codes <= {"seat_taken", "seat_held", "hold_lost"}


def _confirmed(answers: Iterable[Answer]) -> frozenset[Confirmation]:
    return frozenset(
        Confirmation(
            BookingId(answer.content["id"]),
            tuple(seat["number"] for seat in answer.content["seats"]),
        )
        for answer in answers
        if answer.status == 201
    )


def choose_seats(plan: SeatPlan, free: Collection[int], chance: Random) -> Numbers:
    """Return one to four ``free`` neighbours, the nearest to the customer's favourite seat.

    A single seat if there are no neighbours left. If no seat is free, a favourite all the same:
    the seat map may be stale.
    """
    favourite = (
        _draw(len(plan.rows), BEST_ROW, chance),
        _draw(plan.longest_row, BEST_COLUMN, chance),
    )
    count = min(chance.choices(PARTY_SIZES, PARTY_WEIGHTS)[0], plan.longest_row)
    found = _nearest(plan, free, favourite, count) or _nearest(plan, free, favourite, 1)
    return found or _nearest(plan, plan.numbers, favourite, 1)


def _draw(length: int, best: float, chance: Random) -> int:
    place = chance.gauss(best, STANDARD_DEVIATION) * length
    return min(max(int(place), 0), length - 1)


def _nearest(
    plan: SeatPlan, free: Collection[int], favourite: tuple[int, int], count: int
) -> Numbers:
    row, column = favourite
    for near in sorted(range(len(plan.rows)), key=lambda other: abs(other - row)):
        wanted = plan.rows[near].seats[0].number + column - count // 2
        firsts = chain.from_iterable(
            range(block.start, block.stop - count + 1) for block in plan.rows[near].blocks
        )
        for first in sorted(firsts, key=lambda number: abs(number - wanted)):
            if all(number in free for number in range(first, first + count)):
                return tuple(range(first, first + count))
    return ()
