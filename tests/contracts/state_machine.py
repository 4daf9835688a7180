"""Random sequences of operations, run on a store and on a model of it."""

from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contracts.sales_story import Story


class StateMachineContract:
    """``stories`` is the number of sequences. They are the same in each run (``derandomize``)."""

    stories: ClassVar[int]

    def test_random_sequences_of_operations_match_the_model(self, transactions, queries, clock):
        class SeededStory(Story):
            def __init__(self) -> None:
                super().__init__(transactions, queries, clock)

        run_state_machine_as_test(
            SeededStory,
            settings=settings(
                max_examples=self.stories,
                stateful_step_count=30,
                phases=[Phase.generate],  # shrinking takes minutes
                derandomize=True,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
