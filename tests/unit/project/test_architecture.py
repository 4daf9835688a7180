"""The import contracts of pyproject.toml, and the imports of the domain."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_import_contracts_hold():
    linter = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"

    linted = subprocess.run(
        [sys.executable, "-c", linter], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert linted.returncode == 0, linted.stdout


def test_the_domain_imports_the_standard_library_only():
    loads = (
        "import sys, pkgutil, importlib, ticketing.domain as domain\n"
        "for module in pkgutil.walk_packages(domain.__path__, 'ticketing.domain.'):\n"
        "    importlib.import_module(module.name)\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*sorted(names - sys.stdlib_module_names - {'ticketing', '__main__'}))\n"
    )

    # -S: without site-packages, which may import modules at start
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", loads],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert loaded.stdout.split() == []
