"""Weights say what they are without a change of what they hold."""

import json

import numpy as np
import pytest
from safetensors.numpy import load, save

from core.runs.result import Environment, RunResult, RunState
from core.studies.weights_file import origin_of, with_origin

RESULT = RunResult(
    state=RunState.DONE,
    metrics={"test": {"a": {"accuracy": 0.1 + 0.2}}},
    environment=Environment(device="cpu", machine="hère", threads=1, versions={"torch": "2"}),
)


@pytest.mark.parametrize("metadata", [None, {"layout": "0,1 | 0;1"}])
@pytest.mark.parametrize("key", ["k" * n for n in range(1, 9)])
def test_tensors_and_other_metadata_stay(tmp_path, metadata, key):
    tensors = {"w": np.arange(6, dtype=np.float32).reshape(2, 3), "n": np.array(7)}
    content = with_origin(save(tensors, metadata=metadata), key, RESULT)
    found = load(content)
    assert {name: array.tolist() for name, array in found.items()} == {"w": [[0, 1, 2], [3, 4, 5]], "n": 7}
    length = int.from_bytes(content[:8], "little")
    assert length % 8 == 0
    assert (metadata or {}).items() <= json.loads(content[8 : 8 + length])["__metadata__"].items()
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    origin = origin_of(path)
    assert (origin.key, origin.metrics, origin.environment) == (key, RESULT.metrics, RESULT.environment)


@pytest.mark.parametrize(
    "content",
    [
        save({"w": np.zeros(2)}),
        save({"w": np.zeros(2)}, metadata={"branchwise": "{}"}),
        save({"w": np.zeros(2)}, metadata={"branchwise": "no JSON"}),
        b"",
        b"\xff" * 40,
        (4).to_bytes(8, "little") + b"[[1]",
    ],
)
def test_what_says_nothing_has_no_origin(tmp_path, content):
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    assert origin_of(path) is None
    assert origin_of(tmp_path / "none") is None
