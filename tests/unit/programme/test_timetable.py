"""One show at a time on a screen, and time for cleaning after each."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import CLEANING, NOW, TOMORROW, a_movie, a_screen, a_show, put_on
from ticketing.domain.programme.errors import ShowOverlaps
from ticketing.domain.programme.movie import MAX_MINUTES
from ticketing.domain.programme.programme_import import ImportRefused, Programme, ShowEntry
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.screen_service import ScreenService
from ticketing.domain.programme.show_draft import ShowDraft

MINUTE = timedelta(minutes=1)
LONG = timedelta(minutes=153)  # Metropolis


@pytest.fixture
def service(transactions):
    return ProgrammeService(transactions, CLEANING)


@pytest.fixture
def show(transactions):
    return put_on(transactions)


@pytest.fixture
def add(service, show):
    def add(after, **given):
        """Add a show of the same movie, ``after`` the start of the other."""
        draft = {"screen_id": show.screen.id} | given
        starts_at = show.starts_at + after
        return service.add_show(ShowDraft(movie_id=show.movie.id, starts_at=starts_at, **draft))

    return add


@pytest.mark.parametrize(
    "after", [timedelta(), MINUTE, LONG, LONG + CLEANING - MINUTE, MINUTE - LONG - CLEANING]
)
def test_a_show_that_overlaps_another_is_refused(add, show, after):
    with pytest.raises(ShowOverlaps) as refusal:
        add(after)
    assert refusal.value.facts == {"shows": [show.id]}


@pytest.mark.parametrize("after", [LONG + CLEANING, -LONG - CLEANING])
def test_a_show_that_leaves_time_for_cleaning_is_added(add, after):
    assert add(after).id


def test_the_duration_of_the_earlier_movie_counts(transactions, service, show):
    short = service.add_movie(a_movie("Short", duration_minutes=5))

    def add(minutes):
        starts_at = show.starts_at - timedelta(minutes=minutes)
        draft = ShowDraft(movie_id=short.id, screen_id=show.screen.id, starts_at=starts_at)
        return service.add_show(draft)

    with pytest.raises(ShowOverlaps):
        add(19)
    assert add(20).id


def test_every_overlapping_show_is_reported(service, add, show):
    later = add(LONG + CLEANING)
    with pytest.raises(ShowOverlaps) as refusal:
        add(CLEANING)
    assert refusal.value.facts == {"shows": [show.id, later.id]}


def test_shows_on_different_screens_do_not_overlap(add):
    assert add(timedelta(), screen_id=None, screen_name="Cellar", total_seats=20).id


def test_cancelled_shows_and_rehearsals_do_not_overlap(transactions, service):
    put_on(transactions, a_show(cancelled_at=NOW))
    rehearsed = put_on(transactions, a_show(rehearsal=True))
    draft = ShowDraft(
        movie_id=rehearsed.movie.id, screen_id=rehearsed.screen.id, starts_at=TOMORROW
    )
    assert service.add_show(draft).id


def test_a_show_does_not_overlap_itself(service, add, show):
    add(LONG + CLEANING + 2 * MINUTE)
    starts_at = show.starts_at + 2 * MINUTE
    assert service.change_show(show.id, ShowDraft(starts_at=starts_at)).starts_at == starts_at


@pytest.mark.parametrize("how", ["starts_at", "screen_id", "movie_id"])
def test_a_show_cannot_be_rescheduled_to_overlap(service, transactions, add, show, how):
    drafts = {
        "starts_at": ShowDraft(starts_at=show.starts_at),
        "screen_id": ShowDraft(screen_id=show.screen.id),
        "movie_id": ShowDraft(
            movie_id=service.add_movie(a_movie("Satantango", duration_minutes=439)).id
        ),
    }[how]
    moved = {
        "starts_at": lambda: add(LONG + CLEANING),
        "screen_id": lambda: put_on(transactions, a_show(screen=a_screen("Cellar"))),
        "movie_id": lambda: add(-LONG - CLEANING),
    }[how]()
    with pytest.raises(ShowOverlaps):
        service.change_show(moved.id, drafts)


def test_an_overlapping_show_can_be_cancelled(transactions, service, show):
    put_on(transactions, a_show(movie=show.movie, screen=show.screen))
    assert service.change_show(show.id, ShowDraft(cancelled=True)).cancelled_at


def test_an_import_with_an_overlapping_show_is_refused(service, show):
    starts_at = show.starts_at + MINUTE
    entry = ShowEntry(
        where="line 1", movie=show.movie.title, screen=show.screen.name, starts_at=starts_at
    )
    with pytest.raises(ImportRefused) as refusal:
        service.load(Programme(shows=[entry]))
    [fault] = refusal.value.facts["faults"]
    assert (fault["where"], fault["field"]) == ("line 1", "starts_at")
    assert "Metropolis" in fault["fault"]


def test_the_longest_movie_needs_cleaning_after_it(transactions, service, show):
    longest = service.add_movie(a_movie("Modern Times Forever", duration_minutes=MAX_MINUTES))
    screen = ScreenService(transactions).add(a_screen("Cellar"))
    draft = ShowDraft(movie_id=longest.id, screen_id=screen.id, starts_at=TOMORROW)
    first = service.add_show(draft)
    with pytest.raises(ShowOverlaps):
        service.add_show(replace(draft, starts_at=first.ends_at + CLEANING - MINUTE))
    assert service.add_show(replace(draft, starts_at=first.ends_at + CLEANING)).id
