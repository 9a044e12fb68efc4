"""Whatever ends a build, the old or the new generation answers, whole."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.library.crashing import Ends

ROOT = Path(__file__).parents[2]
# `make crash` kills more builds, and others every time.
CRASHES, SEED = "CRASHES", "CRASH_SEED"
FEW = 30
ALWAYS = "20250815"


@pytest.mark.crash
def test_killed_builds_full_disks_and_changing_files() -> None:
    killed = int(os.environ.get(CRASHES, FEW))
    seed = os.environ.get(SEED) or ALWAYS
    if seed == "random":
        seed = str(random.SystemRandom().randrange(10**9))
    # Before it begins: one that hangs can be begun again, too.
    print(f"to see it again: {CRASHES}={killed} {SEED}={seed}", flush=True)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.library.crashing", seed, str(killed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    counts, ends = json.loads(ran.stdout), Ends.of(killed)
    print(counts)
    assert counts["old"] + counts["new"] == ends.builds
    # Some moments come after the last line of a build.
    assert counts["killed"] >= 0.95 * ends.by_line
    # Every kind of end came about, or the ordeal proves little.
    assert counts["old"] > ends.builds / 6
    assert counts["new"] > ends.builds / 15
    assert counts["resumed"] > ends.builds / 15
    assert counts["full"] > ends.full / 5
    assert counts["changed"] == ends.changed
