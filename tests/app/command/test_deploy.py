"""From a study of several data sets to files that an application loads, on the command line alone."""

from pathlib import Path

import numpy as np
import pytest

from core.data import store
from core.families.treednn.deployed import DeployedTree
from core.families.treednn.results import TreeResults
from core.studies.database import Database
from core.studies.specification import parse_study
from core.training.prepare_study import prepare_study
from tests.core.families.treednn.test_runs import TEXT


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "several.toml"
    path.write_text(TEXT.replace("seeds = [3, 4]", "seeds = [3]"))
    return path


@pytest.mark.slow
def test_a_tree_is_grown_deployed_measured_and_travels(answer, call, refusal, study, tmp_path):
    found = answer("run", study, "--workers", "1")
    assert (found["runs"], found["done"], found["failed"]) == (7, 7, 0)
    tree = Database(Path(found["database"])).study("several").result(TreeResults)
    assert [branch.name for branch in tree.branches] == ["digits", "far", "odd"]
    assert not any(np.isnan(branch.dedicated["test"]).any() for branch in tree.branches)
    files = answer("deploy", "several", tmp_path / "tree")
    assert files["trunk"]["blocks"] == 2
    assert [branch["name"] for branch in files["branches"]] == ["digits", "far", "odd"]
    assert files["bytes"] == sum(path.stat().st_size for path in (tmp_path / "tree").glob("*.safetensors"))
    deployed = DeployedTree(tmp_path / "tree")
    # So short a training leaves classes that are never answered.
    said = [warning for entry in deployed.manifest.branches for warning in entry.about.warnings]
    assert said
    assert files["warnings"] == said
    for place, entry in enumerate(deployed.manifest.branches):
        deployed.switch(entry.name)
        spec = parse_study(study.read_text()).dataset.sets
        each = next(one for one in spec if one.name == entry.name)
        data = store.load(each.dataset)
        outputs = deployed(deployed.prepare(data.test.pictures.transpose(0, 2, 3, 1)))
        if entry.about.classes:
            value = float((outputs.argmax(dim=1).numpy() == data.test.targets[each.task]).mean())
            (metric,) = [m for m in entry.about.metrics if m.split == "test"]
            assert (metric.seeds, metric.of) == ((3,), "weights")
            assert value == pytest.approx(metric.value, abs=1e-9), place
    assert files["loader"] == "load.py"
    assert (tmp_path / "tree" / "load.py").exists()
    times = answer("switch", tmp_path / "tree", "--repeats", 1)
    assert times["bytes"]["tree"] == files["bytes"]
    lines = call("deploy", "several", tmp_path / "again").stdout
    assert "branchwise switch" in lines
    assert f"Warning: {said[0]}" in lines
    again = answer("module", "several", tmp_path / "module", "--family", "treednn")
    assert again["bytes"] == files["bytes"]
    assert again["warnings"] == said
    answer("export", "several", tmp_path / "several.zip")
    there = ("--home", tmp_path / "elsewhere")
    assert answer("import", tmp_path / "several.zip", *there) == {"study": "several", "runs": 7, "done": 7}
    assert "No TreeDNN is trained from seed 9. Choose from: 3." in refusal(
        "deploy", "several", tmp_path / "x", "--seed", 9
    )
    assert 'no study "none"' in refusal("deploy", "none", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_only_what_has_a_tree_is_deployed(call, refusal, tmp_path):
    call("layouts", "count", "--tasks", 2, "--blocks", 2)  # sets the home
    tiny = parse_study(
        'name = "tiny"\ntasks = ["depth", "edges"]\n[dataset]\nn_train = 16\nn_validation = 8\nn_test = 8'
    )
    Database.at_home().put(prepare_study(tiny)[0])
    assert (
        '"tiny" requests no network that can be deployed. Choose a study that has [treednn] or [virtual].'
        in refusal("deploy", "tiny", tmp_path / "x")
    )


def test_a_bundled_study_says_where_its_tree_is_and_how_to_train_it(refusal, tmp_path, monkeypatch):
    root = Path(__file__).parents[3]
    for here, start in ((root, ""), (tmp_path, f"{root}/")):
        monkeypatch.chdir(here)
        for command in (("deploy",), ("module", "--family", "treednn")):
            said = refusal(*command, "treednn", tmp_path / "x")
            assert "holds no trained weights" in said
            assert f"branchwise run {start}assets/studies/treednn.toml --keep-weights" in said
            assert f"is in {start}assets/trees/treednn" in said
    assert "assets/trees" not in refusal("module", "scenes", tmp_path / "x")
    assert not (tmp_path / "x").exists()
