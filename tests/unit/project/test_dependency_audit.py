"""How `dev.py check` reports an audit of the locked packages."""

import json
import subprocess
from types import SimpleNamespace

import pytest

import dev

SOUND = {"name": "sound", "version": "1.0", "vulns": []}
FAULTY = {"name": "faulty", "version": "2.0", "vulns": [{"id": "CVE-2026-1"}, {"id": "GHSA-x"}]}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found"}


@pytest.fixture
def audit(monkeypatch):
    def audit(output):
        def run(*args, **kwargs):
            if isinstance(output, Exception):
                raise output
            return SimpleNamespace(stdout=output)

        monkeypatch.setattr(subprocess, "run", run)
        return dev.audit()

    return audit


def found(*packages):
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_known_vulnerability_fails_the_check(audit, capsys):
    assert not audit(found(SOUND, FAULTY, UNKNOWN))
    assert capsys.readouterr().out.splitlines() == [
        "faulty 2.0: CVE-2026-1, GHSA-x",
        "2 of 3 packages audited, 1 vulnerable.",
    ]


def test_no_vulnerability_passes_the_check(audit, capsys):
    assert audit(found(SOUND))
    assert "1 of 1 packages audited, 0 vulnerable" in capsys.readouterr().out


@pytest.mark.parametrize(
    "output",
    [
        "",
        "ConnectionError: https://index.internal.example/simple",
        found(),
        found(UNKNOWN),
        subprocess.TimeoutExpired("pip-audit", 300),
    ],
)
def test_an_unavailable_audit_is_reported_and_passes(audit, output, capsys):
    assert audit(output)
    said = capsys.readouterr().out
    assert "cannot be reached" in said
    assert "example" not in said
