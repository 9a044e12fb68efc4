"""Layers of BERT's kind as a graph that ONNX Runtime computes, kept in the user's cache.

Attention, normalisation and GELU are one operator each, those of ONNX Runtime
(https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rag.errors import ModelError
from rag.models.bert_layers import Floats, Shape, Weights

if TYPE_CHECKING:
    from onnx import ModelProto
    from onnxruntime import InferenceSession

# Raised whenever the graph written here changes, so that an older one is not used.
GRAPH_VERSION = 1
_OPERATORS, _OWN_OPERATORS, _IR_VERSION = 17, 1, 9
_OWN = "com.microsoft"
_GRAPH, _WEIGHTS = "graph.onnx", "weights.bin"
STATES, MASK, RESULT, TOKENS, WHOLE = "states", "mask", "result", "tokens", "whole"


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a network's layers, one after the other, and a head over the last.

    ``head`` is the name of one that scores tokens and the pair, as in ``heads.early``.
    """

    layers: range
    head: str | None = None


class Graph:
    """A graph in the making."""

    def __init__(self, weights: Weights, shape: Shape) -> None:
        self.weights = weights
        self.shape = shape
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: npt.NDArray[np.generic]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def node(
        self, kind: str, taken: Sequence[str], made: str, *, own: bool = True, **how: Any
    ) -> str:
        from onnx import helper

        domain = _OWN if own else ""
        self.nodes.append(helper.make_node(kind, taken, [made], domain=domain, **how))
        return made

    def layer(self, number: int, states: str, made: str) -> str:
        """A layer over ``states``: attention and a feed-forward step, added and normalised."""
        at = f"layers.{number}"
        asked = [self.weights[f"{at}.{part}.weight"].T for part in ("query", "key", "value")]
        shift = [self.weights[f"{at}.{part}.bias"] for part in ("query", "key", "value")]
        attended = self.node(
            "Attention",
            [
                states,
                self.constant(f"{at}.asked", np.concatenate(asked, 1)),
                self.constant(f"{at}.asked_shift", np.concatenate(shift)),
                MASK,
            ],
            f"{at}.seen",
            num_heads=self.shape.heads,
        )
        attended = self._product(f"{at}.attended", attended)
        attended = self._added(f"{at}.attended", attended, states, f"{at}.half")
        inner = self._product(f"{at}.widened", attended)
        inner = self.node("BiasGelu", [inner, self._bias(f"{at}.widened")], f"{at}.inner")
        inner = self._product(f"{at}.narrowed", inner)
        return self._added(f"{at}.narrowed", inner, attended, made)

    def head(self, name: str, states: str) -> None:
        """Scores of tokens, and of the pair by its first token."""
        scores = self._product(f"heads.{name}.tokens", states)
        self.node("Add", [scores, self._bias(f"heads.{name}.tokens")], TOKENS, own=False)
        first = self.constant("first", np.array(0, np.int64))
        opening = self.node("Gather", [states, first], "opening", own=False, axis=1)
        scores = self._product(f"heads.{name}.pair", opening)
        self.node("Add", [scores, self._bias(f"heads.{name}.pair")], WHOLE, own=False)

    def _product(self, part: str, states: str) -> str:
        matrix = self.constant(f"{part}.weight", self.weights[f"{part}.weight"].T)
        return self.node("MatMul", [states, matrix], f"{part}.product", own=False)

    def _added(self, part: str, states: str, before: str, made: str) -> str:
        scale, shift = (
            self.constant(f"{part}_norm.{kind}", self.weights[f"{part}_norm.{kind}"])
            for kind in ("weight", "bias")
        )
        return self.node(
            "SkipLayerNormalization",
            [states, before, scale, shift, self._bias(part)],
            made,
            epsilon=self.shape.epsilon,
        )

    def _bias(self, part: str) -> str:
        return self.constant(f"{part}.bias", self.weights[f"{part}.bias"])


def graph_of(weights: Weights, shape: Shape, part: Part) -> ModelProto:
    """The graph of ``part``: states and a mask in, states out, and its head's scores."""
    from onnx import TensorProto, helper

    made = Graph(weights, shape)
    states = STATES
    for number in part.layers:
        last = number == part.layers[-1]
        states = made.layer(number, states, RESULT if last else f"layers.{number}.result")
    kind, several = TensorProto.FLOAT, ["texts", "tokens"]
    results = [helper.make_tensor_value_info(RESULT, kind, [*several, shape.hidden])]
    if part.head is not None:
        made.head(part.head, states)
        results.append(helper.make_tensor_value_info(TOKENS, kind, [*several, 4]))
        results.append(helper.make_tensor_value_info(WHOLE, kind, ["texts", 1]))
    graph = helper.make_graph(
        made.nodes,
        "layers",
        [
            helper.make_tensor_value_info(STATES, kind, [*several, shape.hidden]),
            helper.make_tensor_value_info(MASK, TensorProto.INT32, several),
        ],
        results,
        made.constants,
    )
    versions = [helper.make_opsetid("", _OPERATORS), helper.make_opsetid(_OWN, _OWN_OPERATORS)]
    return helper.make_model(graph, opset_imports=versions, ir_version=_IR_VERSION)


def _silent_onnxruntime() -> ModuleType:
    """ONNX Runtime, which otherwise tells its maker over the network that it is used.

    It does by default, with a number that names this machine (see its Privacy.md), and only a
    variable that stands before it is loaded keeps it from all of that.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    module: ModuleType = onnxruntime
    return module


class Layers:
    """A part of a network, ready to compute; on the core of whoever calls, so that none waits.

    Safe to call from several threads.
    """

    def __init__(self, graph: Path | bytes) -> None:
        """Load a graph; ModelError when it cannot be."""
        onnxruntime = _silent_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Every call is of another size: what an arena keeps of the largest is not used again.
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        # Packed weights would be a second copy, in memory of this process alone, and are not
        # quicker with matrices of this size.
        options.add_session_config_entry("session.disable_prepacking", "1")
        given = graph if isinstance(graph, bytes) else str(graph)
        try:
            self._session: InferenceSession = onnxruntime.InferenceSession(
                given, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            # Its errors have no common class but Exception.
            named = "" if isinstance(graph, bytes) else f" {graph}"
            raise ModelError(
                f"the model's graph{named} cannot be loaded ({error}); delete it to have it "
                "made again"
            ) from error

    def __call__(self, states: Floats, mask: npt.NDArray[np.int32]) -> list[Floats]:
        """States of shape (texts, tokens, width), then what the head scores, if any does."""
        found: list[Floats] = self._session.run(None, {STATES: states, MASK: mask})
        return found


def kept_layers(
    folder: Path, named: str, weights: Callable[[], Weights], shape: Shape, part: Part
) -> Layers:
    """The layers of ``part``, whose graph is written to ``folder`` when first needed.

    ``named`` tells apart what weights they have, which are asked for only then. Raises
    ModelError when the graph cannot be written.
    """
    told = f"{named}|{part}|{GRAPH_VERSION}"
    kept = folder / f"layers-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
    if not kept.is_dir():
        graph = graph_of(weights(), shape, part)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(graph, kept)
        except OSError as error:
            raise ModelError(
                f"the model's graph cannot be written into {folder} "
                f"({error.strerror or error}); free 200 MB there, or set XDG_CACHE_HOME to a "
                "folder that can be written"
            ) from error
    return Layers(kept / _GRAPH)


def _write(graph: ModelProto, kept: Path) -> None:
    """Write a graph, with its weights in a file of their own that is mapped into memory."""
    import onnx

    draft = Path(tempfile.mkdtemp(prefix="graph-", dir=kept.parent))
    try:
        onnx.save_model(
            graph, str(draft / _GRAPH), save_as_external_data=True, location=_WEIGHTS
        )
        # Renamed, so that it is there whole or not at all.
        draft.rename(kept)
    except OSError:
        # Another process may have written the same meanwhile.
        if not kept.is_dir():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
