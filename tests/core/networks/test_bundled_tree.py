"""The grown tree that ships: its files are those that the bundled study's first seed left."""

import importlib.util
from pathlib import Path

import pytest
import torch
from PIL import Image

import core
from core.data import store
from core.families.treednn.deployed import DeployedTree, fill, skeleton
from core.families.treednn.grafted_run import GraftedRun
from core.families.treednn.loader_source import loader_source
from core.families.treednn.network import digests
from core.families.treednn.runs import SpecialisedRun
from core.families.treednn.specification import trees_of
from core.families.treednn.submission import expand
from core.studies.bundled import open_bundled
from core.studies.manifest import read
from core.studies.network_files import PREDICT_FILE, predict_text

FOLDER = Path(core.__file__).parent.parent / "assets" / "trees" / "treednn"


@pytest.fixture(scope="module")
def tree():
    return DeployedTree(FOLDER)


def test_every_part_has_the_hash_that_its_run_left(tree):
    opened = open_bundled("treednn")
    asked = opened.record.specification
    first = trees_of(asked)[0]
    whole = skeleton(tree.manifest)
    fill(whole.trunk, tree.read(tree.manifest.trunk), tree.manifest.trunk)
    for entry in tree.manifest.branches:
        fill(whole.branch(entry.name), tree.read(entry), entry)
    found = digests(whole)
    for run in expand(asked):
        match run:
            case SpecialisedRun() if run.tree == first:
                left, name = opened.results[run.key].payload["digests"], run.branch
            case GraftedRun() if run.tree == first:
                left, name = opened.results[run.key].payload["digests"], run.graft.name
            case _:
                continue
        assert (found[""], found[name]) == (left[""], left[name])
    assert set(found) == {"", *asked.tasks}


def test_the_programs_beside_it_are_those_that_are_taken_home_today(tree):
    """Else run ``python benchmarks/bundled_tree.py``."""
    manifest = tree.manifest
    plans = [branch.plan for branch in manifest.branches]
    loader = loader_source(skeleton(manifest), manifest.backbone.plan, plans)
    assert (FOLDER / "load.py").read_text() == loader
    assert (FOLDER / PREDICT_FILE).read_bytes() == predict_text()
    assert {each.path for each in (manifest.source, manifest.program)} == {"load.py", PREDICT_FILE}


def test_it_answers_for_every_task(tree):
    outputs = {}
    for entry in tree.manifest.branches:
        tree.switch(entry.name)
        outputs[entry.name] = tree(torch.zeros(2, 3, 32, 32)).shape[1]
    assert outputs == {"handwriting": 10, "solids": 3, "patterns": 4, "colours": 4, "odd digits": 2}


def test_the_loader_beside_it_gives_the_numbers_of_the_dashboard(tmp_path):
    spec = importlib.util.spec_from_file_location("load", FOLDER / "load.py")
    loader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loader)
    manifest = read((FOLDER / "manifest.json").read_bytes())
    opened, tree = open_bundled("treednn"), loader.Tree()
    sets = {each.name: each for each in opened.record.specification.dataset.sets}
    for task in manifest.tasks:
        tree.switch(task.name)
        samples = store.load(sets[task.name].dataset, folder=tmp_path).test
        found = tree.outputs(samples.pictures.transpose(0, 2, 3, 1)).argmax(dim=1).numpy()
        (metric,) = [metric for metric in task.metrics if metric.split == "test"]
        assert metric.of == "weights"
        assert (found == samples.targets[sets[task.name].task]).mean() == pytest.approx(metric.value, abs=1e-9)
        assert task.classes
        assert {metric.split for metric in task.single_task} == {"validation", "test"}


@pytest.mark.parametrize("bad", ["folder", "text.png", "absent.png", "cut.png"])
def test_a_file_that_is_no_picture_is_named_among_others(tmp_path, torch_process, bad):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.png").write_text("no picture")
    Image.new("RGB", (32, 32)).save(tmp_path / "good.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "good.png").read_bytes()[:60])
    run = torch_process.run(FOLDER / "load.py", "solids", "good.png", bad, cwd=tmp_path)
    assert run.returncode == 1
    assert run.stderr.startswith(f"{bad} can't be read as a picture: ")
    assert run.stderr.count("\n") == 1
