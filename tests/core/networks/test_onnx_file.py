"""A network as one ONNX file: all heads, any batch, the numbers of torch; or a sentence, and no file."""

import json
import sys

import onnx
import onnxruntime
import pytest
import torch
from safetensors.torch import load_file

from branchwise import load_module
from core.errors import BackboneError
from core.networks.onnx_file import onnx_of
from core.studies.manifest import BackboneEntry, Manifest
from core.studies.task_entry import Preprocessing, TaskEntry
from tests.core.networks.conftest import CLASSES, SIZE, STEPS, TASKS


def manifest_of(tasks=TASKS):
    return Manifest(
        family="layouts",
        backbone=BackboneEntry(size=SIZE),
        layout=[[[*range(len(tasks))]]] * 5,
        tasks=tuple(
            TaskEntry(name=name, kind=kind, n_outputs=outputs, classes=CLASSES.get(name, ()))
            for name, (kind, outputs) in tasks.items()
        ),
        preprocessing=Preprocessing.model_validate(STEPS),
    )


@pytest.fixture(scope="module")
def weights(taken_home):
    return load_file(taken_home / "weights.safetensors")


@pytest.fixture(scope="module")
def source(taken_home):
    return (taken_home / "network.py").read_text()


def test_every_kind_of_head_answers_as_in_torch(taken_home, source, weights):
    content = onnx_of(source, weights, manifest_of())
    session = onnxruntime.InferenceSession(content)
    (given,) = session.get_inputs()
    assert given.shape[1:] == [3, *SIZE]
    assert isinstance(given.shape[0], str)
    network = load_module(taken_home).build(taken_home / "weights.safetensors")
    pictures = torch.randn(7, 3, *SIZE)
    with torch.no_grad():
        wanted = network(pictures)
    for output, got in zip(session.get_outputs(), session.run(None, {given.name: pictures.numpy()}), strict=True):
        want = wanted[output.name].numpy()
        assert abs(got - want).max() <= 1e-4 * max(abs(want).max(), 1)
    said = {entry.key: json.loads(entry.value) for entry in onnx.load_model_from_string(content).metadata_props}
    assert said["preprocessing"]["mean"] == STEPS["mean"]
    assert [task["name"] for task in said["tasks"]] == [*TASKS]
    assert said["tasks"][0]["classes"] == [*CLASSES["what"]]


def test_a_task_may_be_called_like_the_input(source, weights):
    found = onnx_of(source.replace('"what"', '"pictures"'), weights, manifest_of(renamed("what", "pictures")))
    session = onnxruntime.InferenceSession(found)
    assert session.get_outputs()[0].name == "pictures"
    assert session.get_inputs()[0].name != "pictures"


def renamed(old, new):
    return {new if name == old else name: task for name, task in TASKS.items()}


@pytest.mark.slow
def test_what_has_no_words_in_onnx_is_refused(source, weights, capfd):
    strange = source.replace(
        "        state = {task: x for",
        "        x = torch.linalg.svd(x.flatten(2))[0].mean() + x\n        state = {task: x for",
    )
    assert strange != source
    with pytest.raises(BackboneError, match=r"can't be written as ONNX: .*Leave --onnx out"):
        onnx_of(strange, weights, manifest_of())
    # Exporters print what they stumble over; the command's output may be one JSON document.
    assert capfd.readouterr().out == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        # What is drawn anew in every pass is another number in the file.
        ("torch.rand(())", 'answers "what" otherwise than torch, by'),
        ("torch.rand(2, 1, 1, 1)[:len(x)] * len(x)", "ONNX"),
    ],
)
def test_other_answers_than_those_of_torch_are_refused(source, weights, more, expected):
    strange = source.replace("        state = {task: x for", f"        x = x + {more}\n        state = {{task: x for")
    with pytest.raises(BackboneError, match=expected):
        onnx_of(strange, weights, manifest_of())


def test_what_is_not_installed_is_named(source, weights, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(BackboneError, match="with onnxruntime, which is not installed"):
        onnx_of(source, weights, manifest_of())
