#!/usr/bin/env python3
"""Set up and run Ticketing with Python 3.11 or newer, and nothing else.

    python3 dev.py run [ARGS]         serve the demo cinema on http://127.0.0.1:8000
    python3 dev.py test               run all tests; those of the domain cover each branch of it
    python3 dev.py test ARGS          run pytest in three processes; ARGS go to it
    python3 dev.py test --quick       run the tests that need no server, in seconds
    python3 dev.py check              run linters, types, import contracts, audit
    python3 dev.py bench [ARGS]       measure the speed; --help lists ARGS
    python3 dev.py ticketing [ARGS]   run the command line of the application
    python3 dev.py lock [--upgrade]   update the lock files from pyproject.toml

The first call creates .venv and installs the locked dependencies with pip. Later calls need no
network.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - older versions get the message below
    sys.exit(
        "Ticketing needs Python 3.11 or newer; this is Python %d.%d (%s).\n"  # noqa: UP031
        "Run dev.py with a newer one, for example: python3.13 dev.py run"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

import hashlib
import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"  # all of RUNTIME, and the tools

CHECKS = [  # programs of .venv; the longest first
    ["mypy"],
    ["lint-imports", "--no-logo"],
    ["ruff", "check"],
    ["ruff", "format", "--check"],
]
UNIT_TESTS, OTHER_TESTS = "tests/unit", "tests/integration"
# Many tests wait for a database or a server, so three processes keep two cores busy.
PYTEST = ["pytest", "--numprocesses=3", "--dist=worksteal"]
MEASURED_UNIT_TESTS = [  # each branch of the domain is to be covered by its own tests
    ["coverage", "erase"],
    ["coverage", "run", "-m", *PYTEST, UNIT_TESTS],
    ["coverage", "combine", "--quiet"],
    ["coverage", "report"],
]


def main(command: str = "", *args: str) -> None:
    if command in ("-h", "--help", "help"):
        print(__doc__)
    elif command == "run":
        ticketing("demo", "--serve", *args)
    elif command == "ticketing":
        ticketing(*args)
    elif command == "test":
        test(*args)
    elif command == "check":
        check()
    elif command == "bench":
        bench(*args)
    elif command == "lock":
        lock(*args)
    else:
        sys.exit(__doc__)


def ticketing(*args: str) -> NoReturn:
    set_up(RUNTIME)
    os.environ.setdefault("TICKETING_HOME", str(ROOT))  # where .env and ticketing.db are
    # -P: no file in the current directory, which stays the caller's, may hide a module.
    replace_process([str(PYTHON), "-P", "-m", "ticketing", *args])


def test(*args: str) -> NoReturn:
    set_up(DEVELOPMENT)
    cache_bytecode()
    os.chdir(ROOT)
    if not args:
        for command in MEASURED_UNIT_TESTS:
            subprocess.run([str(PYTHON), "-m", *command], check=True)
        args = (OTHER_TESTS,)
    selected = [UNIT_TESTS if arg == "--quick" else arg for arg in args]
    replace_process([str(PYTHON), "-m", *PYTEST, *selected])


def cache_bytecode() -> None:
    """Let Python keep what it compiles: the tests start the program more than a hundred times."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def bench(*args: str) -> NoReturn:
    set_up(DEVELOPMENT)
    os.environ["PYTHONPATH"] = str(ROOT)  # the current directory stays the caller's
    replace_process([str(PYTHON), "-P", "-m", "benchmarks", *args])


def check() -> None:
    """Run every check, several at a time, even after one has failed."""
    set_up(DEVELOPMENT)
    cache_bytecode()
    os.chdir(ROOT)
    with ThreadPoolExecutor(3) as pool:
        audited = pool.submit(audit)  # mostly waits for the network
        passed = list(pool.map(passes, CHECKS))
    failed = [" ".join(each) for each, ok in zip(CHECKS, passed, strict=True) if not ok]
    if not audited.result():
        failed.append("pip-audit")
    if failed:
        sys.exit(f"FAILED: {', '.join(failed)}")
    say("All checks passed.")


def passes(check: list[str]) -> bool:
    """Run a program of .venv, then print its output, and return whether it succeeded."""
    program, *args = check
    result = run_captured([str(PYTHON.with_name(program)), *args])
    say(f"== {' '.join(check)}\n{result.stdout}")
    return result.returncode == 0


def audit() -> bool:
    """Return whether no locked package has a known vulnerability, or none could be looked up."""
    locked = ["-r", RUNTIME.name, "-r", DEVELOPMENT.name, "--require-hashes", "--disable-pip"]
    options = ["--format=json", "--progress-spinner=off", "--timeout=10"]
    command = [str(PYTHON.with_name("pip-audit")), *locked, *options]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
        found = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):  # its output may name an index
        found = []
    vulnerable = [package for package in found if package.get("vulns")]
    for package in vulnerable:
        ids = ", ".join(fault["id"] for fault in package["vulns"])
        say(f"{package['name']} {package['version']}: {ids}")
    audited = sum("vulns" in package for package in found)
    if audited:
        say(f"{audited} of {len(found)} packages audited, {len(vulnerable)} vulnerable.")
    else:
        say("The list of known vulnerabilities cannot be reached: nothing was audited.")
    return not vulnerable


def lock(*args: str) -> None:
    set_up(DEVELOPMENT)
    compile_lock(RUNTIME, *args)
    everything = ["--group", "dev", "--extra", "tracing", "--constraint", RUNTIME.name]
    compile_lock(DEVELOPMENT, *everything, *args)


def compile_lock(target: Path, *args: str) -> None:
    say(f"Locking {target.name}...")
    uv = [str(PYTHON), "-m", "uv", "pip", "compile", "pyproject.toml", "--output-file", target.name]
    options = ["--quiet", "--universal", "--python-version=3.11", "--generate-hashes"]
    header = ["--no-annotate", "--custom-compile-command", "python3 dev.py lock"]
    subprocess.run([*uv, *options, *header, *args], cwd=ROOT, check=True)


# ---- .venv ----


def set_up(lock_file: Path) -> None:
    """Install the packages of ``lock_file`` in .venv, unless its stamp shows that they are."""
    if is_installed(lock_file):
        return
    with venv_lock():
        if is_installed(lock_file):  # by the process that held the lock
            return
        if not is_installed(RUNTIME):
            make_venv()
        install(lock_file)


def is_installed(lock_file: Path) -> bool:
    if not PYTHON.exists() or not STAMP.exists():
        return False
    return STAMP.read_text() in (stamp(lock_file), stamp(DEVELOPMENT))


def stamp(lock_file: Path) -> str:
    """Return a hash of the locked packages, the Python version and the checkout's path."""
    kind = sysconfig.get_config_var("EXT_SUFFIX")
    return hashlib.sha256(f"{kind}\n{ROOT}\n{lock_file.read_text()}".encode()).hexdigest()


def make_venv() -> None:
    say(f"Creating {VENV}...")
    python = getattr(sys, "_base_executable", sys.executable)  # we may run inside .venv
    ways = [[python, "-m", "venv"]]
    if uv := shutil.which("uv"):
        ways.append([uv, "venv", "--seed", "--python", python])
    if virtualenv := shutil.which("virtualenv"):
        ways.append([virtualenv, "--python", python])

    output = ""
    for way in ways:
        shutil.rmtree(VENV, ignore_errors=True)
        result = run_captured([*way, str(VENV)])
        if result.returncode == 0:
            return
        output += result.stdout
    shutil.rmtree(VENV, ignore_errors=True)
    sys.exit(
        f"{output}\nThis Python cannot make .venv. Install its venv module (Debian, Ubuntu: "
        f"apt install python3.{sys.version_info[1]}-venv), or uv, or virtualenv."
    )


def install(lock_file: Path) -> None:
    say(f"Installing {lock_file.name}...")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    result = run_captured([*pip, "--require-hashes", "--only-binary=:all:", "-r", str(lock_file)])
    if result.returncode:
        sys.exit(f"{result.stdout}\nThe dependencies could not be installed.")
    packages = sysconfig.get_path("purelib", "venv", {"base": str(VENV), "platbase": str(VENV)})
    Path(packages, "ticketing.pth").write_text(os.path.relpath(ROOT / "src", packages))
    STAMP.write_text(stamp(lock_file))


@contextmanager
def venv_lock() -> Iterator[None]:
    """Hold a lock, so that one dev.py at a time changes .venv."""
    with (ROOT / ".venv.lock").open("w") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


# ---- processes ----


def run_captured(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run ``command`` and return its output instead of printing it."""
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def replace_process(command: list[str]) -> NoReturn:
    """Replace this process with ``command``, so that signals reach it directly."""
    if os.name == "nt":
        sys.exit(subprocess.run(command).returncode)
    os.execv(command[0], command)


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"dev.py: {error}")
