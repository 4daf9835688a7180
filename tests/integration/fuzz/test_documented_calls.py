"""Every response to generated requests is documented, and none is an internal error.

The same requests each time. For more of them, other ones each time, by hand:
``TICKETING_TEST_FUZZ_EXAMPLES=500 python3 dev.py test tests/integration/fuzz --timeout=0``
"""

import os
from collections.abc import Iterator

import pytest
import schemathesis
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    PhasesConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
    SimpleCheckConfig,
    StatefulPhaseConfig,
)
from schemathesis.engine import events, from_schema
from schemathesis.engine.events import EngineEvent, ScenarioFinished

from tests.integration.fuzz.conftest import Ground, Headers

EXAMPLES = os.environ.get("TICKETING_TEST_FUZZ_EXAMPLES")

CHECKS = ChecksConfig(
    # 422 also means what no schema can express: either of two fields, a too common password.
    positive_data_acceptance=PositiveDataAcceptanceConfig(
        expected_statuses=["2xx", "304", "401", "403", "404", "409", "422"]
    ),
    # Sends requests of its own in a way that no WSGI client takes; test_foreign_ids.py is stricter.
    ignored_auth=SimpleCheckConfig(enabled=False),
)


def config(credentials: Headers) -> SchemathesisConfig:
    """Test each call on its own: the documents do not link calls."""
    generation = GenerationConfig(
        deterministic=EXAMPLES is None,
        max_examples=int(EXAMPLES or 2),
        with_security_parameters=not credentials,
    )
    project = ProjectConfig(
        headers=credentials,
        continue_on_failure=True,
        generation=generation,
        checks=CHECKS,
        phases=PhasesConfig(stateful=StatefulPhaseConfig(enabled=False)),
    )
    seed = 1 if EXAMPLES is None else None
    return SchemathesisConfig(seed=seed, projects=ProjectsConfig(default=project))


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/schema/", "customer"),  # for guests see test_foreign_ids.py
        ("/schema/", "staff"),
        ("/schema/predecessors/", "staff"),
    ],
)
def test_every_response_matches_the_documentation(ground: Ground, path: str, role: str):
    credentials = ground.credentials[role]
    document = schemathesis.openapi.from_wsgi(path, ground.serve, config=config(credentials))

    events = list(from_schema(document).execute())

    found = [fault for event in events for fault in faults(event)]
    assert not found, "\n\n".join(found)
    assert {"examples", "coverage", "fuzzing"} == {
        event.phase
        for event in events
        if isinstance(event, ScenarioFinished) and event.recorder.interactions
    }


def faults(event: EngineEvent) -> Iterator[str]:
    """Yield the failures in an event of the run."""
    if isinstance(event, events.FatalError):
        yield repr(event.exception)
    if isinstance(event, events.NonFatalError):
        yield f"{event.label}: {event.value!r}"
    if isinstance(event, ScenarioFinished):
        for checks in event.recorder.checks.values():
            for check in checks:
                if failed := check.failure_info:
                    yield f"{event.label}: {check.name}, {failed.failure}\n{failed.code_sample}"
