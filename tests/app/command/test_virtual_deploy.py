"""A deep virtual network from a study file to files, measured and exported, on the command line alone."""

import json

import numpy as np
import pytest

from core.data import store
from core.families.virtual.deployed import DeployedVirtual
from core.studies.specification import parse_study
from tests.core.families.small_study import text_of

TEXT = text_of("virtual", epochs=1) + "units = 2\nalone = false\n"


@pytest.mark.slow
def test_a_network_is_trained_deployed_measured_and_exported(answer, call, refusal, tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(TEXT)
    assert answer("run", path, "--workers", "1", "--keep-weights")["failed"] == 0
    folder = tmp_path / "d"
    said = answer("deploy", "small", folder)
    assert (said["family"], said["seed"], said["units"]) == ("virtual", 0, [[0, 1], [1, 0]])
    assert said["bytes"]["shared"] + said["bytes"]["own"] == sum(p.stat().st_size for p in folder.glob("*.safetensors"))
    found, data = DeployedVirtual(folder), store.load(parse_study(TEXT).dataset)
    pictures = data.test.pictures.transpose(0, 2, 3, 1)
    for task in found.manifest.tasks:
        for level, entry in enumerate(task.levels):
            (metric,) = [m for m in entry.metrics if m.split == "test" and m.name == "accuracy"]
            found.switch(task.name, level)
            answers = found(found.prepare(pictures)).argmax(dim=1).numpy()
            # The number of the dashboard, from raw pictures.
            assert float(np.mean(answers == data.test.targets[task.name])) == metric.value
            assert (metric.seeds, metric.of) == ((0,), "weights")
    times = answer("switch", folder, "--repeats", 1)
    assert {each["way"] for each in times["switches"]} == {"whole", "up", "down", "task"}
    assert "from the level below" in call("switch", folder, "--repeats", 1).stdout
    module = answer(
        "module", "small", tmp_path / "m", "--family", "virtual", "--task", "task B", "--level", 0, "--onnx"
    )
    assert (tmp_path / "m" / "network.onnx").stat().st_size > 1000
    assert (module["level"], module["units"]) == (0, [1])
    levels = json.loads((tmp_path / "m" / "manifest.json").read_text())["tasks"][0]["metrics"]
    assert [m["value"] for m in levels] == [m.value for m in found.manifest.tasks[1].levels[0].metrics]
    for words, sentence in (
        (("deploy", "small", tmp_path / "x", "--network", "none"), 'no network "none"'),
        (("deploy", "small", tmp_path / "x", "--seed", 9), "seed 9"),
        (("deploy", "small", tmp_path / "x", "--family", "treednn"), "requests no TreeDNN"),
        (("deploy", "small", tmp_path / "x", "--family", "layouts"), "--family treednn or virtual"),
        (("module", "small", tmp_path / "x", "--family", "virtual"), "--task"),
        (("module", "small", tmp_path / "x", "--family", "virtual", "--task", "task A", "--level", 2), "Choose 0 to 1"),
        (
            ("module", "small", tmp_path / "x", "--family", "virtual", "--task", "task A", "--exit", "4"),
            "Leave --exit out",
        ),
        (("module", "small", tmp_path / "x", "--family", "multipath", "--task", "task A", "--level", 1), "--level"),
    ):
        assert sentence in refusal(*words)
    assert not (tmp_path / "x").exists()
