"""Random sequences of operations, run on a store and on a model of it."""

from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contracts.sales_machine import SalesMachine


class StateMachineContract:
    """``sequences`` is their number. They are the same in each run (``derandomize``)."""

    sequences: ClassVar[int]

    def test_random_sequences_of_operations_match_the_model(self, transactions, queries, clock):
        class StoreMachine(SalesMachine):
            def __init__(self) -> None:
                super().__init__(transactions, queries, clock)

        run_state_machine_as_test(
            StoreMachine,
            settings=settings(
                max_examples=self.sequences,
                stateful_step_count=30,
                phases=[Phase.generate],  # shrinking takes minutes
                derandomize=True,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
