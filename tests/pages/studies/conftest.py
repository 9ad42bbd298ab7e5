"""Homes of their own, with studies of which nothing is trained."""

import io
import os
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.backbones import Backbone, Block
from core.estimators import TwoTaskTable
from core.families.layouts.request import TableRequest
from core.jobs import torch_process
from core.studies.bundled import open_bundled
from core.studies.database import Database
from core.studies.dataset_specification import ScenesSpecification
from core.studies.record import StudyRecord
from core.studies.specification import StudySpecification, TrainingSettings
from tests.pages.studies.studies_page import NASTY

BLOCKS = Backbone("net", tuple(Block(f"b{i}", 10 * (i + 1), 10**6) for i in range(5)), (3, 16, 16))


def table(tasks: tuple[str, ...]) -> TwoTaskTable:
    return TwoTaskTable(tasks, np.zeros((len(tasks), len(tasks), BLOCKS.n_blocks + 1)))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    return Database.at_home()


@pytest.fixture
def nasty(home: Database) -> Database:
    home.put(StudyRecord("nasty", NASTY, BLOCKS, table=table(NASTY), title="*My* study"))
    return home


@pytest.fixture
def measured(home: Database) -> StudyRecord:
    """Give a stored study of which nothing is trained."""
    asked = StudySpecification(
        name="small",
        title="Small one",
        dataset=ScenesSpecification(n_train=64, n_validation=16, n_test=16, size=16, noise=0.1),
        tasks=("depth", "edges"),
        training=TrainingSettings(epochs=7, optimizer="sgd", average=0.5),
        table=TableRequest(seeds=(0, 1)),
    )
    found = {task.name: task for task in open_bundled("scenes5").record.tasks}
    record = StudyRecord("small", asked.tasks, BLOCKS, asked, tuple(found[name] for name in asked.tasks))
    home.put(record)
    return record


@pytest.fixture(autouse=True)
def torch_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer in this process what a page asks one of its own, which takes seconds to load torch."""

    def run(command: list[str], *, env: dict[str, str], **asked: Any) -> subprocess.CompletedProcess[str]:
        stdin, said, faults = io.TextIOWrapper(io.BytesIO(asked["input"].encode())), io.StringIO(), io.StringIO()
        with monkeypatch.context() as changed, redirect_stdout(said), redirect_stderr(faults):
            changed.setattr("sys.stdin", stdin)
            for name in env.keys() - os.environ.keys():
                changed.setenv(name, env[name])
            code = import_module(command[-1]).main()
        return subprocess.CompletedProcess(command, code, said.getvalue(), faults.getvalue())

    processes = SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired)
    monkeypatch.setattr(torch_process, "subprocess", processes)
