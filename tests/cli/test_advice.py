"""Advice that names the folders that were named, and Ctrl-C, once and again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rag.cli.advice import complete_advice
from rag.cli.commands import main
from rag.cli.saying import INTERRUPTED, WRONG_USE
from rag.index.generations import FORMAT, MANIFEST, current_name
from rag.library.build import build_folder
from tests.fakes import CountingEncoder, settings_for, write_articles

ROOT = Path(__file__).parents[2]
PATIENCE = 60


@pytest.mark.parametrize(
    ("message", "arguments", "completed"),
    [
        (
            "make it again with: rag build --index i",
            ["ask", "Qui ?", "--index", "i", "--articles", "../mes articles"],
            "make it again with: rag build --index i --articles '../mes articles'",
        ),
        (
            "run: rag build",
            ["--articles=a", "--index=i"],
            "run: rag build --articles a --index i",
        ),
        ("run 'rag build'", ["--model", "m"], "run 'rag build --model m'"),
        (
            "run: rag build; then ask",
            ["--articles", "a"],
            "run: rag build --articles a; then ask",
        ),
        ("run: rag build", ["ask", "--", "--articles", "a"], "run: rag build"),
        ("run: rag build", ["ask", "Qui ?"], "run: rag build"),
        ("nothing to do", ["--articles", "a"], "nothing to do"),
    ],
)
def test_advice_names_what_was_named(
    message: str, arguments: list[str], completed: str
) -> None:
    assert complete_advice(message, arguments) == completed


def test_an_index_of_a_newer_version_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    build_folder(chosen, CountingEncoder())
    manifest = chosen.index / (current_name(chosen.index) or "") / MANIFEST
    of_then = {**json.loads(manifest.read_bytes()), "format": 999, "segments": []}
    manifest.write_text(json.dumps(of_then))
    before = sorted(path for path in chosen.index.rglob("*") if path.suffix != ".lock")
    named = ["--articles", str(chosen.articles), "--index", str(chosen.index)]
    for command in (["ask", "Qui ?"], ["build"], ["stats"]):
        assert main([*command, *named]) == WRONG_USE
        (line,) = capsys.readouterr().err.splitlines()
        assert f"has format 999, this version reads {FORMAT}" in line
        assert "made by a newer version; update Guillemets" in line
    after = sorted(path for path in chosen.index.rglob("*") if path.suffix != ".lock")
    assert after == before


def test_a_missing_index_is_made_of_the_folder_that_was_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index, articles = tmp_path / "i", tmp_path / "mes articles"
    assert main(["ask", "Qui ?", "--index", str(index), "--articles", str(articles)]) != 0
    advice = f"rag build --index {index} --articles '{articles}'"
    assert advice in capsys.readouterr().err


@pytest.mark.parametrize("other", ["--watch", "--rollback"])
def test_what_checks_one_build_is_refused_with_what_makes_none_or_many(
    other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--check", other]) == WRONG_USE
    assert "--check is for one build" in capsys.readouterr().err


_BUILD = """
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import rag.library.build
from rag.cli import commands
from rag.models import encoder
from tests.fakes import CountingEncoder

threads = ThreadPoolExecutor(1)


def build(*_, **__):
    working = threads.submit(time.sleep, 2)
    print("building", flush=True)
    working.result()


# Whoever starts the tests in the background has Ctrl-C ignored in all of them.
signal.signal(signal.SIGINT, signal.default_int_handler)
encoder.open_encoder = lambda *_: CountingEncoder()
rag.library.build.build_folder = build
commands.run()
"""


@pytest.mark.server
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_is_one_line_however_often(tmp_path: Path, times: int) -> None:
    building = subprocess.Popen(
        [sys.executable, "-c", _BUILD, "build", "--articles", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert building.stdout is not None
    assert building.stderr is not None
    assert building.stdout.readline() == "building\n"
    building.send_signal(signal.SIGINT)
    # Its last line; a thread still works then.
    line = building.stderr.readline()
    for _ in range(times - 1):
        building.send_signal(signal.SIGINT)
    _, rest = building.communicate(timeout=PATIENCE)
    assert building.returncode == INTERRUPTED
    assert line == "rag: interrupted; what was embedded is kept for the next run\n"
    assert rest == ""
