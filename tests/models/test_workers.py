"""Who embeds: what the settings, the command and the page choose, and what is told of it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rag.cli.commands import main
from rag.library.build import build_folder
from rag.library.library import Library
from rag.models.encoder import open_encoder
from rag.models.sentence_encoder import SentenceTransformerEncoder
from rag.models.workers import InThisProcess, Workers, choose_workers
from rag.models.workers.processes import Processes
from rag.models.workers.protocol import Batch, Rate
from rag.models.workers.ray_cluster import RayCluster
from tests.fakes import (
    CountingEncoder,
    open_counting,
    settings_for,
    write_article,
    write_articles,
)
from tests.models.worker_builds import PATIENCE, write_many

ROOT = Path(__file__).parents[2]


def test_the_settings_choose(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    for workers, ray, expected in (
        (0, "", InThisProcess),
        (1, "", InThisProcess),
        (2, "", Processes),
        (0, "auto", RayCluster),
        (2, "auto", RayCluster),
    ):
        chosen = settings_for(tmp_path, workers=workers, ray=ray)
        assert type(choose_workers(chosen, encoder)) is expected


@pytest.mark.server
def test_the_page_rebuilds_with_the_workers_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = settings_for(tmp_path, workers=2)
    write_articles(chosen.articles)
    build_folder(settings_for(tmp_path), CountingEncoder())
    write_many(chosen.articles)
    encoder = CountingEncoder()
    library = Library(chosen, encoder)
    monkeypatch.setattr("rag.models.workers.choose.open_encoder", open_counting)
    with caplog.at_level(logging.INFO):
        library.update()
        library.wait(PATIENCE)
    library.stop()
    assert encoder.passages == []
    assert any(message.endswith("by 2 processes") for message in caplog.messages)


@pytest.mark.server
def test_the_command_takes_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    monkeypatch.setattr("rag.models.workers.choose.open_encoder", open_counting)
    monkeypatch.setattr("rag.models.encoder.open_encoder", lambda *_: CountingEncoder())
    where = ["--articles", str(chosen.articles), "--index", str(chosen.index)]
    assert main(["build", *where, "--workers", "2", "--json"]) == 0
    assert "by 2 processes" in capsys.readouterr().err
    assert main(["build", *where, "--workers", "-1"]) == 2
    assert "setting 'workers' is -1" in capsys.readouterr().err


def test_a_rate_is_texts_by_seconds() -> None:
    clock = iter([10.0, 14.0])
    rate = Rate(lambda: next(clock))
    assert not rate
    rate.count(4)
    rate.count(6)
    assert rate
    assert str(rate) == f"{4 + 6} texts in 4.0 s, {(4 + 6) / 4} a second"


def test_a_batch_is_named_by_its_place_and_first_words() -> None:
    assert str(Batch(2, ["Titre\nUn mot."])) == (
        "batch 3 (1 text, the first begins 'Titre Un mot.')"
    )
    assert len(str(Batch(0, ["mot " * 100]))) < 120


@pytest.mark.model
def test_the_command_with_the_real_model_says_two_lines(tmp_path: Path) -> None:
    write_article(tmp_path / "seeds", "pont.txt", "Le pont de l’Orge rouvre samedi.")
    ran = subprocess.run(
        [sys.executable, "-m", "rag", "build", "--workers", "2", "--articles", "seeds"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    first, second = ran.stderr.splitlines()
    assert ran.returncode == 0
    assert first == "rag: Embedding with 2 processes; each opens the model first"
    assert second.endswith(" a second, by 2 processes")


@pytest.mark.model
def test_the_real_model_in_two_processes(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path, workers=2)
    encoder: SentenceTransformerEncoder = open_encoder(chosen)
    texts = [f"Le pont {number} de l’Orge rouvre samedi." for number in range(6)]
    workers: Workers = choose_workers(chosen, encoder)
    done = dict(workers.embed([texts[:3], texts[3:]]))
    expected = encoder.embed_passages(texts)
    np.testing.assert_allclose(np.concatenate([done[0], done[1]]), expected, atol=1e-5)
