"""Random sequences of operations, run on a store."""

from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.contracts.sales_machine import SalesMachine
from tests.contracts.waiting_list_machine import WaitingListMachine


class StateMachineContract:
    """``sequences`` is their number. They are the same in each run (``derandomize``)."""

    sequences: ClassVar[int]

    def test_random_sequences_of_operations_match_the_model(self, transactions, queries, clock):
        class StoreMachine(SalesMachine):
            def __init__(self) -> None:
                super().__init__(transactions, queries, clock)

        _run(StoreMachine, self.sequences)

    def test_random_sequences_of_calls_on_a_waiting_list_keep_its_rules(
        self, transactions, queries, clock
    ):
        class StoreMachine(WaitingListMachine):
            def __init__(self) -> None:
                super().__init__(transactions, queries, clock)

        _run(StoreMachine, max(1, self.sequences // 4))


def _run(machine: type[RuleBasedStateMachine], sequences: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=30,
            phases=[Phase.generate],  # shrinking takes minutes
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
