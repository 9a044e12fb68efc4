"""docs/scale.md is what its script makes of docs/scale.toml."""

from __future__ import annotations

from rag.index.engines import faiss_vectors as vectors
from rag.index.engines import milvus_fill
from tests.benchmarks.scale_plan import (
    BEGIN,
    DOCUMENT,
    END,
    Plan,
    Unit,
    filled,
    read_units,
    table,
)

UNITS = read_units()


def _unit(value: float) -> Unit:
    return Unit(value=value, unit="", known="assumed", how="")


def test_the_document_is_what_the_script_makes() -> None:
    document = DOCUMENT.read_text("utf-8")
    assert document.count(BEGIN) == document.count(END) == 1
    assert filled(document, UNITS) == document, "run: python -m tests.benchmarks.scale_plan"


def test_the_kinds_are_those_of_the_program() -> None:
    plan = Plan(UNITS)
    assert plan.value("flat_up_to") == vectors.FLAT_UP_TO
    assert plan.value("graph_up_to") == vectors.GRAPH_UP_TO
    assert plan.value("milvus_graph_up_to") == milvus_fill.GRAPH_UP_TO


def test_milvus_is_given_machines_by_the_memory_that_it_takes() -> None:
    own = {
        "index_lists": 40,
        "disk_words": 20,
        "milvus_fields": 4,
        "milvus_disk": 10,
        "machine_memory": 8e9,
    }
    known = {name: _unit(value) for name, value in own.items()}
    # 10^9 passages of 40 + 20 + 4 bytes, in machines of 8 GB.
    assert "| 10^9 | lists | 8 | 64 GB | 10 GB |" in table(UNITS | known)


def test_costs_are_sums_and_products_of_the_units() -> None:
    plan = Plan(
        {
            "disk_a": _unit(100),
            "disk_b": _unit(20),
            "index_flat": _unit(50),
            "index_lists": _unit(4),
            "flat_up_to": _unit(10),
            "graph_up_to": _unit(10),
            "journal": _unit(7),
            "question_fixed": _unit(3),
            "question_vectors": _unit(10),
            "question_words": _unit(2),
            "texts_like_a_passage": _unit(2),
        }
    )
    assert plan.disk(10) == 10 * (100 + 20 + 50)
    assert plan.disk(11) == 11 * (100 + 20 + 4)
    assert plan.disk_while_building(10) == 2 * 10 * (100 + 20 + 50) + 10 * 7
    assert plan.question(2_000_000) == 3 + 2 * (10 + 2)
    assert plan.embedding(100, 5) == 100 * 2 / 5
