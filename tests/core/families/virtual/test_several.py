"""Deep virtual networks of several data sets: each task passes the rows of its own set, and learns from no others."""

import numpy as np
import pytest
import torch

from core.families.single.set_network import SetNetworkRun
from core.families.single.tasks_work import task_data
from core.families.virtual.payload import NarrowPayload, VirtualPayload
from core.families.virtual.results import VirtualResults
from core.families.virtual.runs import SequenceRun, VirtualRun
from core.families.virtual.sequence import train_sequence
from core.families.virtual.stage import rows_of
from core.families.virtual.train import untrained
from core.families.virtual.trainer import VirtualTrainer
from core.runs.result import RunState
from core.studies.archive import open_archive, write_archive
from core.studies.expand import expand
from core.studies.specification import parse_study
from core.training.execute import execute
from core.training.prepare_study import prepare_study
from core.training.workplace import Workplace

TEXT = """\
name = "apart"
[dataset]
name = "several"
size = 16
[[dataset.sets]]
name = "far"
task = "depth"
dataset = { n_train = 40, n_validation = 8, n_test = 8, size = 16 }
[[dataset.sets]]
name = "digits"
task = "class"
dataset = { name = "digits", size = 24, n_train = 60, validation = 0.02, test = 0.02 }
[backbone]
width = 2
[training]
epochs = 2
batch_size = 17
[virtual]
units = 2
[[virtual.networks]]
[[virtual.networks]]
name = "sequence"
training = "sequence"
"""
STUDY = parse_study(TEXT)
RUNS = expand(STUDY)
(JOINT,) = (run for run in RUNS if isinstance(run, VirtualRun))
(SEQUENCE,) = (run for run in RUNS if isinstance(run, SequenceRun))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def results(home):
    """Every run in order, as a worker carries them out."""
    found = {}
    for run in RUNS:
        result, _ = execute(run.kind, run.model_dump_json(), Workplace(home))
        assert result.state is RunState.DONE, result.sentence
        found[run.key] = result
    return found


@pytest.fixture(scope="module")
def data(home):
    return task_data(JOINT, Workplace(home))


def trainer_of(data):
    return VirtualTrainer(
        untrained(JOINT, data),
        data.tasks,
        STUDY.training,
        3,
        train=data.joint("train"),
        validation=data.joint("validation"),
        sizes=data.sizes,
    )


def test_the_study_requests_a_network_of_each_level_on_each_set():
    assert [run.kind for run in RUNS] == [
        "set-network",
        "set-network",
        "narrow-network",
        "narrow-network",
        "virtual",
        "virtual-sequence",
    ]
    assert all(isinstance(run, SetNetworkRun) for run in JOINT.singles)


def test_every_result_holds_and_comes_back(results, home, monkeypatch):
    for run in RUNS:
        run.check(results[run.key])
    joint = JOINT.payload_of(results[JOINT.key], VirtualPayload)
    alone = [run.payload_of(results[run.key], NarrowPayload).record for run in RUNS[2:4]]
    assert alone == [levels[0] for levels in joint.records]
    monkeypatch.setenv("BRANCHWISE_HOME", str(home))
    record, _ = prepare_study(STUDY)
    again = open_archive(write_archive(record, results)).study()
    one, other = record.study(results).result(VirtualResults), again.result(VirtualResults)
    for mine, theirs in zip(one.networks, other.networks, strict=True):
        assert np.isfinite(mine.gains["test"]).all()
        assert (mine.gains["test"] == theirs.gains["test"]).all()


def test_batches_have_rows_of_both_sets_and_each_task_passes_its_own(data):
    trainer = trainer_of(data)
    rows = trainer.rows.epoch(0)[:17]
    assert (int((rows < 40).sum()), int((rows >= 40).sum())) == (9, 8)
    seen = []
    network = trainer.network
    for place in network.places:
        network.part(place)[0].register_forward_pre_hook(
            lambda _, given, place=place: seen.append((place, given[0].detach().clone()))
        )
    trainer.accumulate(rows, [[0, 1], [0, 1]])
    assert [place for place, _ in seen] == network.places
    for (task, _), pictures in seen:
        own = rows[rows < 40] if task == 0 else rows[rows >= 40]
        assert torch.equal(pictures, trainer.train.batch(own)[0])


def test_a_task_learns_as_much_whatever_the_other_set_holds(data):
    rows, gradients = torch.arange(20, 60), []
    for noise in (False, True):
        trainer = trainer_of(data)
        if noise:
            trainer.train.pictures[40:] = torch.randn_like(trainer.train.pictures[40:])
        trainer.accumulate(rows, [[0, 1], [0]])
        chain, head = trainer.network.part((0, 1))
        gradients.append([p.grad for part in (chain, head) for p in part.parameters()])
    assert all(torch.equal(one, other) for one, other in zip(*gradients, strict=True))


def test_statistics_are_those_of_the_tasks_own_set(data):
    trainer = trainer_of(data)
    network = trainer.network
    trainer.refresh(network)
    own = data.parts("train")
    for task in range(2):
        pictures = own[task][0].batch(slice(None))[0]
        weight = trainer.network.weights[0]
        chain = network.part((task, 1))[0]
        norm = next(module for module in chain.modules() if isinstance(module, torch.nn.BatchNorm2d))
        stem = torch.nn.functional.conv2d(pictures, weight, stride=2, padding=1)
        assert torch.allclose(norm.running_mean, stem.mean(dim=(0, 2, 3)), atol=1e-4)


def test_a_turn_of_the_sequence_reads_its_own_set_alone(home, data):
    for task, size in ((0, 40), (1, 60)):
        found = rows_of(data, "train", task)
        assert (len(found), len(found.targets)) == (size, 1)
    result, _ = train_sequence(SEQUENCE, Workplace(home))
    # 40 and 60 rows in batches of 17, twice.
    assert result.steps == 2 * 2 + 2 * 3
