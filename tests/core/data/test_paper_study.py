"""The ready study of the TreeDNN paper's five data sets, on small data in the same form on disk."""

import re
from pathlib import Path

import pytest

import core
from core.families.treednn.submission import expand
from core.networks.plan import BackbonePlan
from core.runs.result import RunState
from core.studies.specification import parse_study, read_study
from core.training.execute import execute
from core.training.prepare_study import prepare_study
from core.training.workplace import Workplace

FILE = Path(core.__file__).parent.parent / "assets" / "studies" / "ready" / "treednn-paper.toml"
SETS = {
    "cifar10": "n_train = 40, n_validation = 10, n_test = 10",
    "cifar100": "n_train = 200, n_validation = 100, n_test = 100",
    "caltech101": "n_train = 20, n_validation = 8, n_test = 8",
    "caltech256": "n_train = 20, n_validation = 8, n_test = 8",
    "svhn": "n_train = 40, n_validation = 10, n_test = 10",
}


@pytest.fixture
def small(known_root):
    text = FILE.read_text()
    for name, sizes in SETS.items():
        text, n = re.subn(
            rf'name = "{name}", path = "~/data", n_train = \d+, n_validation = \d+, n_test = \d+',
            f'name = "{name}", path = "{known_root(name)}", {sizes}',
            text,
        )
        assert n == 1
    text = text.replace("epochs = 30", "epochs = 1").replace("epochs = 20", "epochs = 1")
    return parse_study(text.replace("batch_size = 160", "batch_size = 50").replace('"auto"', '"cpu"'))


def test_it_asks_for_the_papers_five_branches():
    asked = read_study(FILE)
    assert asked.tasks == ("CIFAR-10", "CIFAR-100", "Caltech-101", "Caltech-256", "SVHN")
    # A tree, five branches and five rivals from each of three seeds.
    assert len(expand(asked)) == 3 * 11
    assert len(BackbonePlan.of(asked.backbone, (32, 32)).blocks()) == 20


@pytest.mark.slow
def test_it_trains_on_data_of_the_same_form(small, tmp_path, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    record, _ = prepare_study(small)
    assert [task.n_outputs for task in record.tasks][:2] == [10, 100]
    assert record.specification.dataset.sets[0].dataset.fingerprint
    first, second, *_ = expand(record.specification)
    for run in (first, second):
        result, _ = execute(run.kind, run.model_dump_json(), Workplace(tmp_path, keep_weights=True))
        assert result.state is RunState.DONE, result.sentence
    assert set(result.metrics["test"]) == {"CIFAR-10"}
