from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from tests.builders import CLEANING, NOW, TOMORROW
from ticketing.domain.box_office import UnitOfWork
from ticketing.domain.errors import Busy
from ticketing.domain.paging import Window
from ticketing.domain.programme.movie import Movie
from ticketing.domain.programme.programme_import import (
    Fault,
    Imported,
    ImportRefused,
    MovieEntry,
    Programme,
    Progress,
    ScreenEntry,
    ShowEntry,
    Tally,
)
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.unit_of_work import Transactions

T = TypeVar("T")

ALL = Window(0, 100)
LATER = TOMORROW + timedelta(days=1)
EVERY_SHOW = ShowFilter(starts_from=NOW)


def a_movie(title: str = "Up", minutes: int = 96, where: str = "movie") -> MovieEntry:
    return MovieEntry(where, Movie(title=title, duration_minutes=minutes))


def a_screen(name: str = "One", rows: int = 5, width: int = 10) -> ScreenEntry:
    return ScreenEntry(where="screen", name=name, rows=rows, seats_per_row=width)


def a_show(**details: Any) -> ShowEntry:
    entry = ShowEntry(where="show", movie="Up", screen="One", starts_at=TOMORROW)
    return replace(entry, **details)


def import_programme(
    transactions: Transactions[UnitOfWork],
    programme: Programme,
    progress: Progress = lambda done: None,
) -> Imported:
    return ProgrammeService(transactions, CLEANING).load(programme, progress)


A_PROGRAMME = Programme(movies=[a_movie()], screens=[a_screen()], shows=[a_show()])


def faults_of(
    transactions: Transactions[UnitOfWork], programme: Programme
) -> list[tuple[str, str]]:
    """Where the import of ``programme`` was refused, and which field."""
    with pytest.raises(ImportRefused) as refusal:
        import_programme(transactions, programme)
    return [(fault["where"], fault["field"]) for fault in refusal.value.facts["faults"]]


def test_a_programme_is_added(transactions, queries):
    imported = import_programme(transactions, A_PROGRAMME)

    assert imported == Imported(Tally(1, 0), Tally(1, 0), Tally(1, 0))
    [offer] = queries.programme.shows(EVERY_SHOW, ALL).items
    assert offer.show.movie.title == "Up"
    assert offer.show.screen.name == "One"
    assert offer.show.starts_at == TOMORROW
    assert offer.available_seats == 50


def test_all_faults_are_reported_at_once(transactions, queries):
    import_programme(transactions, A_PROGRAMME)
    programme = Programme(
        faults=[Fault("unread", "starts_at", "What is this?")],
        movies=[a_movie("Dune", where="unread"), a_movie("Jaws", 0, where="too short")],
        screens=[a_screen(rows=6)],
        shows=[
            a_show(where="spoilt", movie="Dune"),
            a_show(where="spoilt, too", movie="Jaws"),
            a_show(where="unknown", movie="Alien", screen="Nowhere"),
        ],
    )

    assert faults_of(transactions, programme) == [
        ("unread", "starts_at"),
        ("too short", "duration_minutes"),
        ("screen", "rows"),
        ("unknown", "movie"),
        ("unknown", "screen"),
    ]
    assert queries.programme.movies("", ALL).total == 1


def test_a_repeated_import_adds_nothing(transactions, queries):
    import_programme(transactions, A_PROGRAMME)

    imported = import_programme(transactions, A_PROGRAMME)

    assert imported == Imported(Tally(0, 1), Tally(0, 1), Tally(0, 1))
    assert queries.programme.shows(EVERY_SHOW, ALL).total == 1


def test_names_are_compared_regardless_of_case(transactions):
    import_programme(transactions, A_PROGRAMME)

    again = Programme(
        movies=[a_movie(" UP ")],
        screens=[a_screen("oNE")],
        shows=[a_show(movie="uP", screen="ONE")],
    )

    assert import_programme(transactions, again).shows == Tally(0, 1)


def test_existing_movies_are_not_changed(transactions, queries):
    import_programme(transactions, A_PROGRAMME)

    import_programme(transactions, Programme(movies=[a_movie(minutes=120)]))

    [movie] = queries.programme.movies("", ALL).items
    assert movie.duration_minutes == 96


def test_shows_may_refer_to_stored_movies_and_screens(transactions):
    import_programme(transactions, A_PROGRAMME)

    imported = import_programme(
        transactions, Programme(shows=[a_show(starts_at=TOMORROW + timedelta(hours=3))])
    )

    assert imported == Imported(Tally(0, 0), Tally(0, 0), Tally(1, 0))


def test_repeated_entries_are_added_once(transactions):
    twice = Programme(
        movies=[a_movie(), a_movie()], screens=[a_screen(), a_screen()], shows=[a_show(), a_show()]
    )

    assert import_programme(transactions, twice) == Imported(Tally(1, 0), Tally(1, 0), Tally(1, 1))


def test_every_invalid_entry_is_reported(transactions, queries):
    programme = Programme(
        movies=[a_movie("", 0), a_movie()],
        screens=[a_screen("", rows=0), a_screen("Huge", rows=20_000)],
        shows=[a_show(screen="", starts_at=NOW.replace(year=1))],
        faults=[Fault("line 9", "", "Found when it was read.")],
    )

    assert faults_of(transactions, programme) == [
        ("line 9", ""),
        ("movie", "title"),
        ("movie", "duration_minutes"),
        ("screen", "name"),
        ("screen", "rows"),
        ("screen", "rows"),
        ("show", "screen"),
        ("show", "starts_at"),
    ]
    assert queries.programme.movies("", ALL).total == 0


def test_all_conflicts_with_the_store_are_reported_and_nothing_is_added(transactions, queries):
    import_programme(transactions, A_PROGRAMME)

    programme = Programme(
        movies=[a_movie("Roma", 135), a_movie("Roma", 99, where="other Roma")],
        screens=[a_screen(width=9)],
        shows=[
            a_show(where="other movie", movie="Roma"),
            a_show(where="unknown", movie="Nope", screen="Nine"),
        ],
    )

    assert faults_of(transactions, programme) == [
        ("other Roma", "duration_minutes"),
        ("screen", "rows"),
        ("other movie", "starts_at"),
        ("unknown", "movie"),
        ("unknown", "screen"),
    ]
    assert queries.programme.movies("", ALL).total == 1


def test_progress_starts_again_when_the_import_is_retried(
    transactions: Transactions[UnitOfWork],
) -> None:
    failures = [Busy()]

    def busy_once(work: Callable[[UnitOfWork], T]) -> T:
        def attempt(uow: UnitOfWork) -> T:
            result = work(uow)
            if failures:
                raise failures.pop()
            return result

        return transactions(attempt)

    progress: list[int] = []
    imported = import_programme(busy_once, A_PROGRAMME, progress.append)

    assert progress == [1, 2, 3, 1, 2, 3]
    assert imported.shows == Tally(1, 0)


def test_each_entry_is_counted_and_stored_with_all_its_values(transactions, queries):
    entry = a_movie()
    details = entry.movie.changed(description="A house flies.", rating="PG", language="en")
    up = replace(entry, movie=details)
    programme = Programme(
        movies=[up, a_movie("Jaws")],
        screens=[a_screen(), a_screen("Two")],
        shows=[a_show(), a_show(screen="Two"), a_show(movie="Jaws", starts_at=LATER)],
    )

    assert len(programme) == 7
    added = Imported(Tally(2, 0), Tally(2, 0), Tally(3, 0))
    assert import_programme(transactions, programme) == added
    known = Imported(Tally(0, 2), Tally(0, 2), Tally(0, 3))
    assert import_programme(transactions, programme) == known
    _, kept = queries.programme.movies("", ALL).items
    assert (kept.description, kept.rating, kept.language) == ("A house flies.", "PG", "en")


def test_a_cancelled_show_stays_cancelled(transactions):
    import_programme(transactions, A_PROGRAMME)
    [show_id] = transactions(lambda uow: uow.shows.of_movie(uow.movies.find_title("Up").id))
    service = ProgrammeService(transactions, CLEANING)
    service.change_show(show_id, ShowDraft(cancelled=True))

    assert import_programme(transactions, A_PROGRAMME).shows == Tally(0, 1)

    another = Programme(movies=[a_movie("Jaws")], shows=[a_show(movie="Jaws")])
    assert import_programme(transactions, another).shows == Tally(1, 0)


def test_a_show_is_not_reported_for_its_invalid_screen(transactions):
    programme = Programme(
        movies=[a_movie()], screens=[a_screen(rows=0)], shows=[a_show(), a_show(movie="")]
    )

    assert faults_of(transactions, programme) == [("screen", "rows"), ("show", "movie")]


def test_repeated_entries_that_exist_are_counted_once(transactions):
    import_programme(transactions, A_PROGRAMME)

    twice = Programme(movies=[a_movie(), a_movie()], screens=[a_screen(), a_screen()])

    assert import_programme(transactions, twice) == Imported(Tally(0, 1), Tally(0, 1), Tally(0, 0))
