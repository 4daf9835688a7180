"""Two who put shows on one screen at once, each of whom sees it free."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import CLEANING, TOMORROW
from tests.contracts.stage import ALL, Stage
from tests.integration.sql.postgresql.person import COMMIT
from ticketing.domain.programme.errors import ShowOverlaps
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.show_draft import ShowDraft

EVERY_SHOW = ShowFilter(starts_from=TOMORROW)


class TestOneScreen(Stage):
    @pytest.fixture
    def draft(self, show):
        starts_at = show.ends_at + CLEANING
        return ShowDraft(movie_id=show.movie.id, screen_id=show.screen.id, starts_at=starts_at)

    def test_of_two_shows_that_overlap_the_first_is_put_on(self, queries, person, show, draft):
        first, second = person("first"), person("second")
        first.does(first.programme.add_show, draft, stopping_before=COMMIT)
        later = replace(draft, starts_at=draft.starts_at + timedelta(minutes=30))
        second.does(second.programme.add_show, later)
        added = first.goes_on()
        refusal = second.is_told()
        assert isinstance(refusal, ShowOverlaps)
        assert refusal.facts == {"shows": [added.id]}
        assert queries.programme.shows(EVERY_SHOW, ALL).total == 2

    def test_a_show_that_is_moved_there_meanwhile_counts(self, queries, person, programme, draft):
        far_away = draft.starts_at + timedelta(days=1)
        other = programme.add_show(replace(draft, starts_at=far_away))
        mover, adder = person("mover"), person("adder")
        to_there = ShowDraft(starts_at=draft.starts_at)
        mover.does(mover.programme.change_show, other.id, to_there, stopping_before=COMMIT)
        adder.does(adder.programme.add_show, draft)
        assert mover.goes_on().starts_at == draft.starts_at
        assert isinstance(adder.is_told(), ShowOverlaps)
        assert queries.programme.shows(EVERY_SHOW, ALL).total == 2

    def test_customers_do_not_wait_for_it(self, person, show, draft, customer):
        adder, buyer = person("adder"), person("buyer")
        adder.does(adder.programme.add_show, draft, stopping_before=COMMIT)
        buyer.does(buyer.sales.book, show.id, [1], customer)
        assert buyer.is_told().id
        assert not buyer.waited
        adder.goes_on()
