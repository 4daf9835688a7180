"""The yardstick ``argon2``: passwords verified by nothing else, on all cores."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from time import perf_counter

from benchmarks.figures import Run, run_of
from benchmarks.stage import PASSWORD, Stage
from benchmarks.usage import CORES, measured
from ticketing.adapters.passwords import Argon2Hasher


def argon2(stage: Stage, seconds: float) -> Run:
    """A hasher for each core: one of them hashes one password at a time."""
    hashers = [Argon2Hasher() for _ in range(CORES)]
    password_hash = hashers[0].hash(PASSWORD)
    begun = perf_counter()

    def verify_all_the_time(hasher: Argon2Hasher) -> list[float]:
        moments = [perf_counter()]
        while moments[-1] < begun + seconds:
            hasher.verify(PASSWORD, password_hash)
            moments.append(perf_counter())
        return [1000 * (late - early) for early, late in pairwise(moments)]

    with measured(stage.server.process.pid, stage.database_pid) as usage:
        with ThreadPoolExecutor(CORES) as threads:
            waits = [wait for each in threads.map(verify_all_the_time, hashers) for wait in each]
        took = perf_counter() - begun
    return run_of(waits, seconds=took, errors=0, usage=usage)
