"""The yardsticks that do not use our server: ``pgbench`` and ``argon2``."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.cpu_usage import CORES, measure_cpu
from benchmarks.environment import LARGE_PLAN, PASSWORD, Environment
from benchmarks.metrics import Run, run_of
from tests.integration.postgresql_server import installations
from ticketing.adapters.passwords import Argon2Hasher

# A random reference of 15 digits is as unlikely to repeat as ours.
SALE = r"""
\set seat random(1, {seats})
\set account random(1, {customers})
\set reference random(100000000000000, 999999999999999)
BEGIN;
SELECT number, booking_id FROM show_seats WHERE show_id = {show} AND number = :seat FOR UPDATE;
INSERT INTO bookings (show_id, reference, account_id, seat_numbers, created_at)
    VALUES ({show}, ':reference', :account, '[:seat]', now()) RETURNING id \gset
UPDATE show_seats SET booking_id = :id WHERE show_id = {show} AND number = :seat;
COMMIT;
"""
PGBENCH_THREADS = 2
MICROSECONDS_PER_MILLISECOND = 1000


def pgbench(environment: Environment, seconds: float) -> Run:
    """Send only the statements of a sale to PostgreSQL, for random seats of a new show.

    A seat that is already sold is sold again.
    """
    [show] = environment.new_shows(1, LARGE_PLAN)
    clients = len(environment.customers)
    with TemporaryDirectory(prefix="pgbench-") as directory:
        script = Path(directory, "sale.sql")
        script.write_text(SALE.format(show=show, seats=LARGE_PLAN.total_seats, customers=clients))
        whole_seconds = max(1, round(seconds))
        command = [
            str(_pgbench_program()), environment.database_url, "--no-vacuum", f"--file={script}",
            f"--client={clients}", f"--jobs={min(PGBENCH_THREADS, clients)}",
            f"--time={whole_seconds}", "--log", f"--log-prefix={directory}/latencies",
        ]  # fmt: skip
        with measure_cpu(environment.server.process.pid, environment.database_pid) as usage:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"pgbench failed:\n{done.stderr}")
        logs = Path(directory).glob("latencies.*")
        latencies = [latency for log in logs for latency in _logged_latencies(log)]
        seconds = len(latencies) / _transactions_per_second(done.stdout)
        return run_of(latencies, seconds=seconds, errors=0, usage=usage)


def _pgbench_program() -> Path:
    for binaries in installations():
        if (binaries / "pgbench").exists():
            return binaries / "pgbench"
    raise RuntimeError("No PostgreSQL installation with pgbench was found.")


def _transactions_per_second(output: str) -> float:
    """Return the rate without the time to connect."""
    found = re.search(r"tps = ([0-9.]+)", output)
    if not found:
        raise RuntimeError(f"The output of pgbench has no rate:\n{output}")
    return float(found[1])


def _logged_latencies(log: Path) -> list[float]:
    lines = log.read_text().splitlines()
    return [int(line.split()[2]) / MICROSECONDS_PER_MILLISECOND for line in lines]


def argon2(environment: Environment, seconds: float) -> Run:
    """Only verify passwords, on all cores: a hasher hashes one password at a time."""
    hashers = [Argon2Hasher() for _ in range(CORES)]
    password_hash = hashers[0].hash(PASSWORD)
    started = perf_counter()

    def verify_until_the_end(hasher: Argon2Hasher) -> list[float]:
        times = [perf_counter()]
        while times[-1] < started + seconds:
            hasher.verify(PASSWORD, password_hash)
            times.append(perf_counter())
        return [1000 * (end - start) for start, end in pairwise(times)]

    with measure_cpu(environment.server.process.pid, environment.database_pid) as usage:
        with ThreadPoolExecutor(CORES) as threads:
            latencies = [
                each for some in threads.map(verify_until_the_end, hashers) for each in some
            ]
        duration = perf_counter() - started
    return run_of(latencies, seconds=duration, errors=0, usage=usage)
