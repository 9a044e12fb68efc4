"""Batches by length, and threads of one core each."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.config import Settings
from rag.models.core_threads import CoreThreads, Vectors, batches_by_length, torch_threads
from rag.models.encoder import open_encoder


@pytest.fixture(scope="module")
def threads() -> CoreThreads:
    return CoreThreads(2)


@pytest.fixture
def two_cores() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def lengths(texts: list[str]) -> Vectors:
    return np.array([[len(text), threading.get_ident()] for text in texts], np.float64)


@given(st.lists(st.text(max_size=40), max_size=30), st.integers(1, 100))
def test_batches_hold_every_text_once_the_longest_first(
    texts: list[str], characters: int
) -> None:
    batches = batches_by_length([len(text) for text in texts], characters)
    order = [number for batch in batches for number in batch]
    assert sorted(order) == list(range(len(texts)))
    by_length = [len(texts[number]) for number in order]
    assert by_length == sorted(by_length, reverse=True)
    for batch in batches:
        longest = max(len(texts[number]) for number in batch)
        assert len(batch) == 1 or len(batch) * longest <= characters


def test_a_batch_is_as_full_as_it_may_be() -> None:
    assert batches_by_length([50, 20, 20, 20], 50) == [[0], [1, 2], [3]]


def test_rows_come_back_in_the_order_of_their_texts(threads: CoreThreads) -> None:
    texts = ["a" * length for length in (3, 50, 1, 20, 20, 7, 0)]
    found = threads.map(lengths, texts, 40)
    assert found[:, 0].tolist() == [3, 50, 1, 20, 20, 7, 0]
    assert threading.get_ident() not in found[:, 1]


def test_what_the_work_raises_is_raised(threads: CoreThreads) -> None:
    def fail(texts: list[str]) -> Vectors:
        raise ValueError(texts[0])

    with pytest.raises(ValueError, match="aaa"):
        threads.map(fail, ["a", "aaa"], 1)
    assert threads.map(lengths, ["a"], 1)[0, 0] == 1


@pytest.mark.usefixtures("two_cores")
def test_only_its_own_threads_are_held_to_one_core() -> None:
    import torch

    made = torch_threads()
    inside = made.map(
        lambda texts: np.full((len(texts), 1), torch.get_num_threads()), ["a"] * 8, 1
    )
    assert inside.tolist() == [[1]] * 8
    assert torch.get_num_threads() == 2
    later: list[int] = []
    thread = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert later == [2]


@pytest.mark.model
def test_the_model_gives_each_text_its_own_vector_in_whatever_company() -> None:
    encoder = open_encoder(Settings(batch_size=1))
    texts = ["Un maire.", "Le maire a signé la lettre hier. " * 9, "", "La rivière monte."]
    together = encoder.embed_passages(texts)
    alone = np.concatenate([encoder.embed_passages([text]) for text in texts])
    assert together.dtype == np.float32
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert encoder.embed_passages([]).shape == (0, encoder.dimension)


def test_what_is_made_of_each_number_comes_back_by_number(threads: CoreThreads) -> None:
    squared = threads.each(lambda batch: [number**2 for number in batch], [[3, 1], [2], []])
    assert squared == {3: 9, 1: 1, 2: 4}
