"""Whatever ends a build, the old or the new generation answers, whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.library import crashing

ROOT = Path(__file__).parents[2]


def test_killed_builds_full_disks_and_changing_files() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.library.crashing", "20250815"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    counts = json.loads(ran.stdout)
    builds = crashing.KILLED_BY_LINE + crashing.KILLED_BY_CLOCK + crashing.FULL
    assert counts["old"] + counts["new"] == builds
    assert counts["killed"] >= 200
    # Every kind of end came about, or the ordeal proves little.
    assert counts["old"] > 50
    assert counts["new"] > 20
    assert counts["resumed"] > 20
    assert counts["full"] > 5
    assert counts["changed"] == crashing.CHANGED
