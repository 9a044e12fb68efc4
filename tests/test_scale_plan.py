"""docs/scale.md is what its script makes of docs/scale.toml."""

from __future__ import annotations

import pytest

from rag.index import vectors
from tests.scale_plan import BEGIN, DOCUMENT, END, Plan, Unit, filled, read_units, table

UNITS = read_units()


def test_the_document_is_what_the_script_makes() -> None:
    document = DOCUMENT.read_text("utf-8")
    assert document.count(BEGIN) == document.count(END) == 1
    assert filled(document, UNITS) == document, "run: python -m tests.scale_plan"


def test_only_what_is_open_has_no_value() -> None:
    assert [
        name for name, unit in UNITS.items() if (unit.value is None) != (unit.known == "open")
    ] == []


def test_the_kinds_are_those_of_the_program() -> None:
    plan = Plan(UNITS)
    assert plan.value("flat_up_to") == vectors.FLAT_UP_TO
    assert plan.value("graph_up_to") == vectors.GRAPH_UP_TO


def test_milvus_makes_lines_when_all_of_it_is_known() -> None:
    assert "On Milvus" not in table(UNITS)
    names = [name for name in UNITS if name.startswith("milvus_")]
    known = {name: Unit(value=640, unit="", known="measured", how="x") for name in names}
    # 10^9 passages of 640 bytes, in machines of 64 GB.
    assert "| 10^9 | 10 | 640 GB | 640 GB |" in table(UNITS | known)


def test_what_is_not_known_yet_makes_no_line() -> None:
    opened = UNITS | {"ray_efficiency": Unit(unit="", known="open", how="")}
    known = UNITS | {"ray_efficiency": Unit(value=0.9, unit="", known="measured", how="x")}
    assert "Ray" not in table(opened)
    assert "Ray" in table(known)
    with pytest.raises(KeyError):
        Plan(opened).value("ray_efficiency")


def test_costs_are_sums_and_products_of_the_units() -> None:
    def unit(value: float) -> Unit:
        return Unit(value=value, unit="", known="assumed", how="")

    plan = Plan(
        {
            "disk_a": unit(100),
            "disk_b": unit(20),
            "index_flat": unit(50),
            "index_lists": unit(4),
            "flat_up_to": unit(10),
            "graph_up_to": unit(10),
            "journal": unit(7),
            "question_fixed": unit(3),
            "question_vectors": unit(10),
            "question_words": unit(2),
            "texts_like_a_passage": unit(2),
        }
    )
    assert plan.disk(10) == 10 * (100 + 20 + 50)
    assert plan.disk(11) == 11 * (100 + 20 + 4)
    assert plan.disk_while_building(10) == 2 * 10 * (100 + 20 + 50) + 10 * 7
    assert plan.question(2_000_000) == 3 + 2 * (10 + 2)
    assert plan.embedding(100, 5) == 100 * 2 / 5
