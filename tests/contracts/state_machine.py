"""Any story that a box office may go through, told to a store and to a model of it."""

from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contracts.sales_story import Story


class StateMachineContract:
    """``stories`` is how many are told: the same ones each time, lest any fails by chance."""

    stories: ClassVar[int]

    def test_any_story_is_told_as_the_model_has_it(self, transactions, queries, clock):
        class Told(Story):
            def __init__(self) -> None:
                super().__init__(transactions, queries, clock)

        run_state_machine_as_test(
            Told,
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
