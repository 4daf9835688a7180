"""Random stories of a box office, run on a store and on a model of it."""

from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contracts.sales_story import Story


class StateMachineContract:
    """``stories`` is their number: always the same ones, so that none fails by chance."""

    stories: ClassVar[int]

    def test_every_story_matches_the_model(self, transactions, queries, clock):
        class SeededStory(Story):
            def __init__(self) -> None:
                super().__init__(transactions, queries, clock)

        run_state_machine_as_test(
            SeededStory,
            settings=settings(
                max_examples=self.stories,
                stateful_step_count=30,
                phases=[Phase.generate],  # to make a story shorter takes minutes
                derandomize=True,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
