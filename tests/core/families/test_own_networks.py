"""Every family trains a network that a function of the study's author makes, and its networks are written as files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.connections import ROOT

MODULE = """
from torch import nn
def make(width=8):
    def conv(a, stride=1):
        return nn.Sequential(nn.Conv2d(a, width, 3, stride=stride, padding=1), nn.BatchNorm2d(width), nn.ReLU())
    return nn.Sequential(conv(3), conv(width, 2), conv(width), conv(width, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(width, 10))
"""
NETWORK = """
[backbone]
name = "net_of_a_test:make"
args = {width = 4}
cuts = [1, "2"]
[training]
batch_size = 32
epochs = 3
"""
ALL = f"""
name = "all"
tasks = ["class", "parity"]
[dataset]
name = "digits"
n_train = 100
{NETWORK}
[table]
seeds = [0]
[affinity]
[multipath]
[[multipath.networks]]
name = "p"
[virtual]
units = 2
[[virtual.networks]]
name = "v"
[rivals]
methods = ["mtan", "adashare", {{name = "packnet", units = 2}}]
"""
TREE = f"""
name = "tree"
[dataset]
name = "several"
size = 32
[[dataset.sets]]
name = "a"
task = "class"
dataset = {{ name = "digits", n_train = 100 }}
[[dataset.sets]]
name = "b"
task = "largest"
dataset = {{ name = "scenes", n_train = 64, n_validation = 40, n_test = 40 }}
{NETWORK}
[treednn]
cut = 2
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.command", *words],
        env={**os.environ, "BRANCHWISE_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_every_family_trains_and_writes_it(tmp_path: Path) -> None:
    for name, text in (("net_of_a_test.py", MODULE), ("all.toml", ALL), ("tree.toml", TREE)):
        (tmp_path / name).write_text(text)
    for study in ("all", "tree"):
        ended = run(tmp_path, "run", f"{study}.toml", "--workers", "1", "--keep-weights", "--json")
        assert ended.returncode == 0, ended.stderr
        assert json.loads(ended.stdout)["failed"] == 0
    for family, options in (("layouts", ()), ("multipath", ("--task", "class")), ("virtual", ("--task", "class"))):
        written = run(tmp_path, "module", "all", family, "--family", family, *options)
        assert written.returncode == 0, written.stderr
        answer = subprocess.run(
            [sys.executable, f"{family}/network.py"],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
    refused = run(tmp_path, "deploy", "tree", "deployed")
    assert (refused.returncode, len(refused.stderr.strip().splitlines())) == (2, 1)
    # Changed code is said, and trained anew.
    (tmp_path / "net_of_a_test.py").write_text(MODULE.replace("nn.ReLU()", "nn.SiLU()"))
    again = run(tmp_path, "run", "tree.toml", "--workers", "1", "--dry-run")
    assert "has changed since study tree was stored" in again.stderr
    assert "5 runs to train" in again.stdout
