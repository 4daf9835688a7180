"""The yardstick ``pgbench``: what PostgreSQL sells when nothing but the statements is sent."""

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Run, run_of
from benchmarks.stage import HALL, Stage
from benchmarks.usage import measured
from tests.integration.postgresql_server import installations

# A reference of 15 digits is as unlikely to come twice as ours.
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
THREADS = 2
MICROSECONDS_A_MILLISECOND = 1000


def pgbench(stage: Stage, seconds: float) -> Run:
    """Sell random seats of a new show; those that are sold already are written anew."""
    [show] = stage.new_shows(1, HALL)
    clients = len(stage.customers)
    with TemporaryDirectory(prefix="pgbench-") as folder:
        script = Path(folder, "sale.sql")
        script.write_text(SALE.format(show=show, seats=HALL.total_seats, customers=clients))
        whole_seconds = max(1, round(seconds))
        command = [
            str(program()), stage.database_url, "--no-vacuum", f"--file={script}",
            f"--client={clients}", f"--jobs={min(THREADS, clients)}", f"--time={whole_seconds}",
            "--log", f"--log-prefix={folder}/waits",
        ]  # fmt: skip
        with measured(stage.server.process.pid, stage.database_pid) as usage:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"pgbench failed:\n{done.stderr}")
        waits = [wait for log in Path(folder).glob("waits.*") for wait in _waits(log)]
        return run_of(waits, seconds=len(waits) / _rate(done.stdout), errors=0, usage=usage)


def program() -> Path:
    """Raises RuntimeError where there is none."""
    for binaries in installations():
        if (binaries / "pgbench").exists():
            return binaries / "pgbench"
    raise RuntimeError("There is no pgbench beside any PostgreSQL that was found.")


def _rate(printed: str) -> float:
    """Transactions a second, the time to connect left aside."""
    found = re.search(r"tps = ([0-9.]+)", printed)
    if not found:
        raise RuntimeError(f"pgbench prints no rate:\n{printed}")
    return float(found[1])


def _waits(log: Path) -> list[float]:
    lines = log.read_text().splitlines()
    return [int(line.split()[2]) / MICROSECONDS_A_MILLISECOND for line in lines]
