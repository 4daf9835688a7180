"""Two staff members concurrently add shows on one screen, and both find it free."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import CLEANING, TOMORROW
from tests.contracts.fixtures import ALL, Fixtures
from tests.integration.sql.postgresql.transaction_client import COMMIT
from ticketing.domain.programme.errors import ShowOverlaps
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.programme.show_draft import ShowDraft

EVERY_SHOW = ShowFilter(starts_from=TOMORROW)


class TestOneScreen(Fixtures):
    @pytest.fixture
    def draft(self, show):
        starts_at = show.ends_at + CLEANING
        return ShowDraft(movie_id=show.movie.id, screen_id=show.screen.id, starts_at=starts_at)

    def test_the_first_of_two_overlapping_shows_is_added(self, queries, client, show, draft):
        first, second = client("first"), client("second")
        first.start(first.programme.add_show, draft, stopping_before=COMMIT)
        later = replace(draft, starts_at=draft.starts_at + timedelta(minutes=30))
        second.start(second.programme.add_show, later)
        added = first.resume()
        refusal = second.result()
        assert isinstance(refusal, ShowOverlaps)
        assert refusal.facts == {"shows": [added.id]}
        assert queries.programme.shows(EVERY_SHOW, ALL).total == 2

    def test_a_show_overlaps_one_that_is_moved_at_the_same_time(
        self, queries, client, programme, draft
    ):
        far_away = draft.starts_at + timedelta(days=1)
        other = programme.add_show(replace(draft, starts_at=far_away))
        mover, adder = client("mover"), client("adder")
        to_there = ShowDraft(starts_at=draft.starts_at)
        mover.start(mover.programme.change_show, other.id, to_there, stopping_before=COMMIT)
        adder.start(adder.programme.add_show, draft)
        assert mover.resume().starts_at == draft.starts_at
        assert isinstance(adder.result(), ShowOverlaps)
        assert queries.programme.shows(EVERY_SHOW, ALL).total == 2

    def test_customers_do_not_wait_for_a_new_show(self, client, show, draft, customer):
        adder, buyer = client("adder"), client("buyer")
        adder.start(adder.programme.add_show, draft, stopping_before=COMMIT)
        buyer.start(buyer.sales.book, show.id, [1], customer)
        assert buyer.result().id
        assert not buyer.waited
        adder.resume()
