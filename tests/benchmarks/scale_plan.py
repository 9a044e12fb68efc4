"""The table of docs/scale.md, from the unit costs of docs/scale.toml.

``python -m tests.benchmarks.scale_plan`` writes it between the two markers of the document.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

DOCS = Path(__file__).parents[2] / "docs"
UNITS = DOCS / "scale.toml"
DOCUMENT = DOCS / "scale.md"
BEGIN = "<!-- made by python -m tests.benchmarks.scale_plan: begin -->"
END = "<!-- end -->"
SIZES = tuple(10**power for power in range(5, 10))
_HOUR = 3600
_DAY = 24 * _HOUR


class Unit(BaseModel):
    """One cost: its value, and how it is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    unit: str
    known: Literal["measured", "computed", "assumed"]
    how: str


Units = dict[str, Unit]


def read_units() -> Units:
    """The unit costs by name."""
    return {name: Unit(**given) for name, given in tomllib.loads(UNITS.read_text()).items()}


class Plan:
    """What every size costs, computed from the units."""

    def __init__(self, units: Units) -> None:
        self._units = units

    def value(self, name: str) -> float:
        """The value of a unit."""
        return self._units[name].value

    def disk(self, passages: int) -> float:
        """Bytes of one generation."""
        each = sum(self.value(name) for name in self._units if name.startswith("disk_"))
        return passages * (each + self.value(f"index_{self.kind(passages)}"))

    def local_disk(self, passages: int) -> float:
        """Bytes of one generation's folder where Milvus finds by vector and by words."""
        names = ("disk_passage_vectors", "disk_sentence_vectors", "disk_keys", "disk_catalogue")
        return passages * sum(self.value(name) for name in names)

    def kind(self, passages: int) -> str:
        """How so many are found by vector: flat, graph or lists."""
        if passages <= self.value("flat_up_to"):
            return "flat"
        return "graph" if passages <= self.value("graph_up_to") else "lists"

    def disk_while_building(self, passages: int) -> float:
        """Bytes of the old generation, the new one and the journal of what is embedded."""
        return 2 * self.disk(passages) + passages * self.value("journal")

    def memory(self, passages: int) -> float:
        """Bytes of a serving process: its own, and of the files that questions scan."""
        scanned = self.value("scanned") * passages
        return self.value("memory_base") + scanned

    def building_memory(self, passages: int) -> float:
        """Bytes that a building process holds at the most."""
        return self.value("building_base") + self.value("building") * passages

    def question(self, passages: int) -> float:
        """Milliseconds of a question without the model, at the 95th percentile."""
        growing = self.value("question_vectors") + self.value("question_words")
        return self.value("question_fixed") + growing * passages / 1e6

    def writing(self, passages: int) -> float:
        """Seconds of a first build without the model."""
        return passages / self.value("written_a_second")

    def embedding(self, passages: int, rate: float) -> float:
        """Seconds of embedding at ``rate`` passages a second."""
        return passages * self.value("texts_like_a_passage") / rate


def table(units: Units) -> str:
    """The tables, as Markdown."""
    plan = Plan(units)
    parts = [
        ("On one machine", _INDEX_HEAD, (_index_row(plan, size) for size in SIZES)),
        ("On Milvus", _MILVUS_HEAD, (_milvus_row(plan, size) for size in SIZES)),
        ("Embedding", _EMBEDDING_HEAD, _embedding_rows(plan)),
        ("Unit costs", _UNIT_HEAD, _unit_rows(units)),
    ]
    return "\n\n".join(
        f"### {title}\n\n" + "\n".join(_lines(head, rows)) for title, head, rows in parts
    )


_UNIT_HEAD = ("unit cost", "value", "known", "how")
_INDEX_HEAD = (
    "passages",
    "index",
    "memory to serve",
    "memory to build",
    "disk",
    "disk while building",
    "build without the model",
    "question without the model, p95",
    "what breaks first",
    "known",
)
_MILVUS_HEAD = (
    "passages",
    "index",
    "machines",
    "their memory",
    "their disk",
    "disk of the folder",
    "filling it",
    "question without the model, p95",
    "what breaks first",
    "known",
)
_EMBEDDING_HEAD = ("passages", "embedded with", "machines", "time", "known")


def _lines(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(row)} |"


def _unit_rows(units: Units) -> Iterator[tuple[str, ...]]:
    for name, unit in units.items():
        value = f"{unit.value:,.10g}".replace(",", " ")
        yield f"`{name}`", f"{value} {unit.unit}", unit.known, unit.how


def _index_row(plan: Plan, passages: int) -> tuple[str, ...]:
    needed = {
        "memory to serve": plan.memory(passages) / plan.value("machine_memory"),
        "memory to build": plan.building_memory(passages) / plan.value("machine_memory"),
        "disk while building": plan.disk_while_building(passages) / plan.value("machine_disk"),
        "time of a first build": plan.writing(passages) / _DAY,
        "time of a question": plan.question(passages) / plan.value("question_wanted"),
    }
    most = max(needed, key=lambda name: needed[name])
    share = needed[most]
    fits = "fits" if share <= 1 else "does not fit one machine"
    return (
        _count(passages),
        f"embedded, {plan.kind(passages)}",
        _bytes(plan.memory(passages)),
        _bytes(plan.building_memory(passages)),
        _bytes(plan.disk(passages)),
        _bytes(plan.disk_while_building(passages)),
        _time(plan.writing(passages)),
        f"{plan.question(passages):,.0f} ms".replace(",", " "),
        f"{most} ({_times(share)} what there is); {fits}",
        "computed",
    )


def _milvus_row(plan: Plan, passages: int) -> tuple[str, ...]:
    is_graph = passages <= plan.value("milvus_graph_up_to")
    each = plan.value("milvus_graph" if is_graph else "index_lists")
    each += plan.value("disk_words") + plan.value("milvus_fields")
    memory, disk = each * passages, plan.value("milvus_disk") * passages
    machines = max(memory / plan.value("machine_memory"), disk / plan.value("machine_disk"))
    local = plan.local_disk(passages)
    needed = {
        "disk of the folder while building": 2 * local / plan.value("machine_disk"),
        "time of analysing on one core": plan.writing(passages) / _DAY,
    }
    most = max(needed, key=lambda name: needed[name])
    return (
        _count(passages),
        "graph" if is_graph else "lists",
        f"{max(1, math.ceil(machines))}",
        _bytes(memory),
        _bytes(disk),
        _bytes(local),
        _time(passages / plan.value("milvus_filled_a_second")),
        f"{plan.value('milvus_question'):.0f} ms",
        f"{most} ({_times(needed[most])} what there is)",
        "computed; the question assumed",
    )


def _embedding_rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    for passages in SIZES:
        for name, machines, rate in _rates(plan):
            seconds = plan.embedding(passages, rate)
            known = "computed; the GPU assumed" if "GPU" in name else "computed"
            yield _count(passages), name, str(machines), _time(seconds), known


def _rates(plan: Plan) -> Iterator[tuple[str, int, float]]:
    """What embeds, on how many machines, and its passages a second."""
    cores = round(plan.value("machine_cores"))
    core = plan.value("core_passages_a_second")
    yield f"{cores} cores", 1, cores * core
    efficiency = plan.value("ray_efficiency")
    for machines in (10, 100):
        yield f"Ray, {cores} cores each", machines, machines * cores * core * efficiency
    gpu = plan.value("gpu_peak") * plan.value("gpu_used") / plan.value("passage_work")
    yield "one GPU", 1, gpu
    yield "Ray, a GPU each", 8, 8 * gpu * efficiency


def _times(share: float) -> str:
    return f"{share:.0%} of" if share < 2 else f"{share:,.0f} times".replace(",", " ")


def _count(number: int) -> str:
    return f"10^{round(math.log10(number))}"


def _bytes(number: float) -> str:
    for size, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.0f} B"


def _time(seconds: float) -> str:
    for least, size, unit in ((2 * _DAY, _DAY, "days"), (_HOUR, _HOUR, "h"), (60, 60, "min")):
        if seconds >= least:
            return _digits(seconds / size, unit)
    return _digits(seconds, "s")


def _digits(value: float, unit: str) -> str:
    return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"


def filled(document: str, units: Units) -> str:
    """The document with the tables between its markers."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table(units)}\n\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(filled(DOCUMENT.read_text("utf-8"), read_units()), "utf-8")
