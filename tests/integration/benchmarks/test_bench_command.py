"""The command that runs the benchmarks, with one short scenario."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from tests.integration.running_server import environment

ROOT = Path(__file__).parents[3]
SHORT = ("--runs", "1", "--seconds", "0.3", "--clients", "4", "--setting", "WORKERS=1")


def test_a_scenario_is_measured_with_its_yardstick(tmp_path):
    json_file, plot = tmp_path / "metrics.json", tmp_path / "plot.svg"

    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks", "--scenario", "fight", *SHORT,
            "--json", str(json_file), "--plot", str(plot),
        ],
        cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, timeout=110,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    head, scenario, yardstick, _, about = done.stdout.splitlines()
    assert head.split()[:3] == ["a", "second", "p50"]
    assert scenario.split()[0] == "fight"
    assert "fight / echo" in scenario
    assert yardstick.split()[0] == "echo"
    assert "4 clients" in about
    [measured] = json.loads(json_file.read_text())["scenarios"]
    assert measured["name"] == "fight"
    assert measured["benchmarks"]["fight"]["median"]["rate"] > 0
    assert measured["benchmarks"]["fight"]["median"]["errors"] == 0
    assert measured["ratios"][0]["of"] == "fight / echo"
    assert ElementTree.parse(plot).getroot().tag.endswith("svg")
