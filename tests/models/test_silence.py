"""What computes the model tells nobody: ONNX Runtime would, and keeps a number to tell by."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPUTE = """\
from onnx import TensorProto, helper
from rag.models.layer_graph import Layers

one = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
other = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "g", [one], [other])
versions = [helper.make_opsetid("", 17)]
model = helper.make_model(graph, opset_imports=versions, ir_version=9)
Layers(model.SerializeToString())
"""


@pytest.mark.slow
def test_nothing_is_kept_to_be_told(tmp_path: Path) -> None:
    without = {"ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME", "XDG_DATA_HOME"}
    kept = {name: value for name, value in os.environ.items() if name not in without}
    subprocess.run(
        [sys.executable, "-c", COMPUTE],
        cwd=ROOT,
        env=kept | {"HOME": str(tmp_path)},
        check=True,
        timeout=120,
    )
    assert list(tmp_path.rglob("*")) == []
