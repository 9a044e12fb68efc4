"""Embedding on a Ray cluster of two nodes, both on this machine."""

from __future__ import annotations

import functools
import importlib.util
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.cli.commands import main
from rag.errors import SettingsError, WorkersError
from rag.models.workers.ray_cluster import Patience, RayCluster
from rag.models.workers.ray_driver import Connected, share_out
from tests.fakes import (
    ENDS_ONCE,
    CountingEncoder,
    NotingEncoder,
    noted,
    settings_for,
    write_articles,
)
from tests.library import killed_builder
from tests.models.worker_builds import (
    alive,
    build_alone,
    build_in_steps,
    journaled,
    same_index,
    wait_for,
    write_many,
)

pytestmark = pytest.mark.ray

ROOT = Path(__file__).parents[2]
STORE = 80_000_000


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The address of a cluster of two nodes with one core each."""
    from ray.cluster_utils import Cluster

    node: dict[str, Any] = {"num_cpus": 1, "object_store_memory": STORE}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # The nodes import what the tests do.
        environment.setenv("PYTHONPATH", str(ROOT))
        nodes = Cluster(
            initialize_head=True, head_node_args=node | {"include_dashboard": False}
        )
        try:
            nodes.add_node(**node)
            yield nodes.address
        finally:
            nodes.shutdown()


def test_two_nodes_make_the_same_index_though_an_actor_is_killed(
    cluster: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    chosen = settings_for(tmp_path)
    write_many(chosen.articles, ENDS_ONCE)
    write_articles(chosen.articles)
    notes = tmp_path / "notes"
    said: list[str] = []
    workers = RayCluster(
        cluster, functools.partial(NotingEncoder, notes), "counting@1", 0, said.append
    )
    encoder = CountingEncoder()
    summary = build_in_steps(chosen, encoder, announce=said.append, workers=workers)
    same_index(chosen.index, build_alone(tmp_path, chosen.articles).index)
    assert encoder.passages == []
    embedded = [text for _, texts in noted(notes) for text in texts]
    assert len(embedded) == len(set(embedded)) == summary.texts_embedded
    assert notes.with_suffix(".ended").exists()
    # Two encoders, and the one that took the place of a killed one.
    assert 2 <= len({process for process, _ in noted(notes)}) <= 3
    where = "2 encoders on 1 core each, 2 machines of the Ray cluster"
    assert said[0] == f"Embedding with {where}; each opens the model first"
    assert said[-1].startswith(f"{summary.texts_embedded} texts in ")
    assert said[-1].endswith(f" a second, with {where}")
    # Ray itself says nothing, least of all where a result is expected. What comes of a slow
    # machine is the connection of the cluster made here, not of the build's.
    printed = capfd.readouterr()
    complaints = [
        line for line in printed.err.splitlines() if "chttp2_transport.cc" not in line
    ]
    assert (printed.out, complaints) == ("", [])


def test_a_killed_build_is_taken_up_on_the_cluster(cluster: str, tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_many(chosen.articles)
    notes = tmp_path / "notes"
    ran = subprocess.run(
        [sys.executable, "-m", "tests.library.killed_builder", str(tmp_path), "3", cluster],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (-signal.SIGKILL, b""), ran.stderr
    # The cluster ends what ran there for a build that is gone.
    wait_for(lambda: not any(alive(process) for process, _ in noted(notes)))
    kept = journaled(chosen)
    assert kept == 3 * killed_builder.STEPS.texts
    before = len(noted(notes))
    workers = killed_builder.workers_for(tmp_path, cluster)
    summary = build_in_steps(chosen, CountingEncoder(), workers=workers)
    again = [text for _, texts in noted(notes)[before:] for text in texts]
    every = {text for _, texts in noted(notes) for text in texts}
    assert len(again) == len(set(again)) == summary.texts_embedded == len(every) - kept
    same_index(chosen.index, build_alone(tmp_path, chosen.articles).index)


def test_another_model_on_the_cluster_is_refused(cluster: str, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    workers = RayCluster(cluster, functools.partial(NotingEncoder, notes), "another@1", 1)
    with pytest.raises(WorkersError) as caught:
        list(workers.embed([["un texte"]]))
    assert "counting@1, the build's is another@1; bring the same model" in str(caught.value)
    assert "missing is batch 1 (1 text, the first begins 'un texte')" in str(caught.value)
    assert noted(notes) == []


def _cluster_at(address: str) -> RayCluster:
    return RayCluster(address, CountingEncoder, "counting@1")


def test_nothing_to_embed_asks_nothing_of_the_cluster() -> None:
    assert list(_cluster_at("nowhere:1").embed([])) == []


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nothing listens, held so that nothing will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_an_address_where_nothing_answers(closed_port: int) -> None:
    address = f"127.0.0.1:{closed_port}"
    with pytest.raises(WorkersError, match=f"^no Ray cluster answers at {address} .*--ray"):
        list(_cluster_at(address).embed([["un texte"]]))


@pytest.mark.parametrize("address", ["localhost", "ray://localhost:10001", ":6379", "a:b"])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(SettingsError, match=f"'ray' is '{address}'; expected the HOST:PORT"):
        list(_cluster_at(address).embed([["un texte"]]))


def test_what_listens_but_is_no_cluster() -> None:
    said: list[str] = []
    impatient = Patience(connect=1, wonder=1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        workers = RayCluster(address, CountingEncoder, "counting@1", 0, said.append, impatient)
        with pytest.raises(WorkersError, match="did not answer as a Ray cluster within 1 s"):
            list(workers.embed([["un texte"]]))
    assert [line.startswith("Nothing from the Ray cluster for 1 s;") for line in said] == [True]


@pytest.mark.parametrize("package", ["ray", "pyarrow"])
def test_a_missing_package_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == package else find(name)
    )
    with pytest.raises(WorkersError, match=rf"{package} is not .*pip install 'guillemets\[ray"):
        list(_cluster_at("auto").embed([["un texte"]]))


def test_the_command_takes_the_address(
    closed_port: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    monkeypatch.setattr("rag.models.encoder.open_encoder", lambda *_: CountingEncoder())
    where = ["--articles", str(chosen.articles), "--index", str(chosen.index)]
    assert main(["build", *where, "--ray", f"127.0.0.1:{closed_port}"]) == 2
    assert "rag: no Ray cluster answers" in capsys.readouterr().err


def test_resources_are_shared_out() -> None:
    sixteen, two, card = {"CPU": 16.0}, {"CPU": 2.0}, {"CPU": 8.0, "GPU": 2.0}
    assert share_out([sixteen, sixteen], 0) == Connected(4 + 4, 2, 4, on_gpu=False)
    # The smallest machine tells how many cores an encoder may have.
    assert share_out([sixteen, two], 0) == Connected(8 + 1, 2, 2, on_gpu=False)
    assert share_out([sixteen, sixteen], 3) == Connected(3, 2, 4, on_gpu=False)
    # Where there are GPUs, only they compute.
    assert share_out([sixteen, card], 0) == Connected(2, 1, 4, on_gpu=True)
    with pytest.raises(ValueError, match="neither CPUs nor GPUs"):
        share_out([{"CPU": 0.0}, {}], 0)
