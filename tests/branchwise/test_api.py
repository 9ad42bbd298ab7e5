"""The door for programs: the numbers of the command line, and nothing imported before it is used."""

import doctest
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

import branchwise
from app.command.entry import main
from app.ui.paths import ROOT

TABLE = ROOT / "assets" / "samples" / "table.csv"
TENSOR = ROOT / "assets" / "samples" / "tensor.npy"
COSTS = [232, 1184, 3520, 13952, 18560]
TINY = """
name = "tiny"
tasks = ["class", "parity"]
[dataset]
name = "digits"
size = 16
n_train = 64
[backbone]
width = 2
blocks = 5
[training]
epochs = 1
batch_size = 32
[table]
seeds = [0]
"""


def answer(*words):
    found = CliRunner().invoke(main, [*map(str, words), "--json"])
    assert found.exit_code == 0, found.stderr
    return json.loads(found.stdout)


def test_its_example_is_as_written(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert doctest.testmod(branchwise).failed == 0


def test_importing_it_imports_nothing_and_tables_need_no_torch():
    program = f"""
import sys, branchwise
loaded = {{name.partition(".")[0] for name in sys.modules}}
assert not loaded & {{"core", "app", "numpy", "torch", "streamlit"}}, loaded
table = branchwise.read_table({str(TABLE)!r})
branchwise.recommend(table, {COSTS}, "60%")
branchwise.open_study("scenes")
assert "torch" not in sys.modules and "app" not in sys.modules and "streamlit" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_name_is_there_and_documented():
    assert set(dir(branchwise)) == set(branchwise.__all__)
    for name in branchwise.__all__:
        assert getattr(branchwise, name).__doc__, name
    with pytest.raises(AttributeError, match="has no attribute 'recomend'"):
        branchwise.recomend  # noqa: B018


@pytest.mark.parametrize("budget", [None, "60%", "2x", 60_000])
def test_it_recommends_what_the_command_line_does(budget):
    words = [] if budget is None else ["--budget", budget]
    expected = answer("recommend", TABLE, "--costs", ",".join(map(str, COSTS)), *words)
    found = branchwise.recommend(branchwise.read_table(TABLE), COSTS, budget)
    assert [each.layout.to_json() for each in found.layouts] == [each["layout"] for each in expected["layouts"]]
    assert [each.score for each in found.layouts] == [each["score"] for each in expected["layouts"]]
    assert list(found.layouts[0].interval or ()) == expected["layouts"][0]["interval"]
    assert found.recommended.layout.to_json() == expected["recommended"]["layout"]
    assert list(found.recommended.gains) == expected["recommended"]["estimates"]
    assert list(found.weights) == expected["weights"]


def test_a_table_with_standard_errors_recommends_the_same_by_both_doors(tmp_path):
    lines = ["task_a,task_b,branch_point,task,value,stderr"]
    gains = {1: (0.5, 0.4), 2: (0.6, 0.5), 3: (0.5, 0.45)}
    for point, values in gains.items():
        lines += [f"a,b,{point},{task},{value},0.8" for task, value in zip("ab", values, strict=True)]
    file = tmp_path / "table.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    expected = answer("recommend", file, "--costs", "1,2,4")
    found = branchwise.recommend(branchwise.read_table(file), [1, 2, 4])
    # Noise can't tell the best from a cheaper one, so another than the first is recommended.
    assert expected["recommended"]["layout"] != expected["layouts"][0]["layout"]
    assert found.recommended.layout.to_json() == expected["recommended"]["layout"]
    assert [*found.warnings] == expected["warnings"] == []
    file.write_text("\n".join([*lines[:3], *lines[5:]]) + "\n", encoding="utf-8")
    (warning,) = branchwise.recommend(branchwise.read_table(file), [1, 2, 4]).warnings
    assert "2 of its 6 cells are not measured" in warning


def test_front_and_tree_are_those_of_the_command_line():
    table = branchwise.read_table(TABLE)
    expected = answer("front", TABLE, "--costs", ",".join(map(str, COSTS)), "--weights", "uniform")["front"]
    found = branchwise.front(table, COSTS, weights=[1.0, 1.0, 1.0])
    assert [(each.cost, each.layout.to_json()) for each in found] == [(e["cost"], e["layout"]) for e in expected]
    tensor = branchwise.read_affinity(TENSOR)
    downs = list(range(len(tensor) - 1, -1, -1))
    tree = branchwise.branch(tensor, 0.1, downs)
    said = answer("branch", TENSOR, "--alpha", "0.1", "--downsamplings-after", ",".join(map(str, downs)))
    assert tree.layout.to_json() == said["layout"]
    assert tree.cost == said["cost"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda table: branchwise.recommend(table, COSTS[:2]), "2 block costs were given"),
        (lambda table: branchwise.recommend(table, [*COSTS[:4], float("nan")]), "number from 0"),
        (lambda table: branchwise.recommend(table, COSTS, "1%"), "cheapest layout costs"),
        (lambda table: branchwise.recommend(table, COSTS, weights=[1.0]), "Weights should be 3"),
        (lambda _: branchwise.read_table("nowhere.csv"), "nowhere.csv"),
        (lambda _: branchwise.open_study("nowhere"), 'no study "nowhere"'),
        (lambda _: branchwise.load_module("nowhere"), "no network.py"),
    ],
)
def test_faults_are_sentences(call, words, tmp_path, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    with pytest.raises(branchwise.BranchwiseError, match=words):
        call(branchwise.read_table(TABLE))


def test_a_network_becomes_the_network_of_a_layout():
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(1152, 2)
    )
    found = branchwise.trace(model, torch.zeros(2, 3, 16, 16))
    assert len(found.blocks) == 2
    heads = {name: nn.Sequential(nn.Flatten(), nn.Linear(1152, n)) for name, n in (("a", 2), ("b", 3))}
    network = branchwise.tree_network(found, "a,b | a;b", heads)
    outputs = network(torch.rand(5, 3, 16, 16))
    assert [tuple(outputs[task].shape) for task in range(2)] == [(5, 2), (5, 3)]
    same = branchwise.tree_network(list(found.blocks), branchwise.Layout.parse("0,1 | 0;1"), list(heads.values()))
    assert same.layout == network.layout
    with pytest.raises(branchwise.BranchwiseError, match="should match"):
        branchwise.tree_network(found, "a,b | a;b | a;b", heads)


@pytest.mark.slow
def test_a_study_is_run_and_its_network_taken_home(tmp_path: Path):
    file = tmp_path / "tiny.toml"
    file.write_text(TINY, encoding="utf-8")
    seen = []
    study = branchwise.run_study(file, home=tmp_path / "home", workers=1, keep_weights=True, progress=seen.append)
    assert study.provenance.n_done == study.provenance.n_runs > 0
    assert seen[-1].n_done == study.provenance.n_runs
    assert np.isfinite(study.table.values[0, 1]).all()
    again = branchwise.open_study("tiny", home=tmp_path / "home")
    assert again.table.values.tolist() == study.table.values.tolist()
    answer("module", "tiny", tmp_path / "network", "--layout", " | ".join(["0;1"] * 5), "--home", tmp_path / "home")
    module = branchwise.load_module(tmp_path / "network")
    assert callable(module.predict)
