"""Tasks learned one after another: old pictures are never read, old statistics stay, distillation holds answers."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load

from core.data.dataset import Samples
from core.families.single.tasks_work import task_data
from core.families.virtual import sequence
from core.families.virtual.measure import measured
from core.families.virtual.payload import VirtualPayload
from core.families.virtual.runs import SequenceRun, network_runs
from core.families.virtual.sequence import train_sequence
from core.families.virtual.stage import Stage, StageTrainer, held_answers, rows_of
from core.families.virtual.train import untrained
from core.runs.result import RunState
from core.training.distillation_loss import distillation_loss
from core.training.loop import optimizer_of
from core.training.task_data import TaskData
from core.training.workplace import Workplace
from tests.core.families.virtual.study import study_of

MORE = """\
units = 2
[[virtual.networks]]
training = "sequence"
[[virtual.networks]]
name = "no distillation"
training = "sequence"
distillation = 0.0
"""
PARTS = """\
name = "small"
tasks = ["low digits", "high digits"]
[dataset]
name = "digits"
n_train = 400
size = 16
[backbone]
width = 4
[training]
epochs = 8
batch_size = 16
learning_rate = 0.02
average = 0.0
[virtual]
"""
STUDY = study_of(MORE)
RUN, PLAIN = network_runs(STUDY, 0)
assert isinstance(RUN, SequenceRun)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def results(home):
    return [train_sequence(run, Workplace(home, keep_weights=True)) for run in (RUN, PLAIN)]


@pytest.fixture(scope="module")
def data(home):
    return task_data(RUN, Workplace(home))


@pytest.mark.parametrize("number", [0, 1])
def test_a_result_is_whole(results, number):
    run, (result, weights) = (RUN, PLAIN)[number], results[number]
    assert result.state is RunState.DONE, result.sentence
    run.check(result)
    payload = run.payload_of(result, VirtualPayload)
    assert result.steps == 2 * 2 * 4 == sum(levels[0] for levels in payload.steps)
    for split, stages in payload.stages.items():
        assert [[*tasks] for tasks in stages] == [["task A"], ["task A", "task B"]]
        assert stages[-1] == payload.metrics[split]
    assert [point.step for point in result.curve] == sorted({point.step for point in result.curve})
    assert [*result.curve[0].losses] == ["task A"]
    assert [*result.curve[-1].losses] == (["task A, held", "task B"] if number == 0 else ["task B"])[::-1]
    assert weights is not None


def test_the_first_task_is_learned_the_same_with_and_without_distillation(results):
    (one, _), (other, _) = results
    stages = [result.payload["stages"]["test"][0] for result in (one, other)]
    assert stages[0] == stages[1]


def _poisoned(samples, rows):
    """Return samples whose pictures of some rows can't be read."""

    class Guarded(np.ndarray):
        def __getitem__(self, wanted):
            found = np.arange(len(samples.pictures))[wanted]
            assert not np.isin(found, rows).any(), "a picture of an earlier task was read"
            return np.asarray(self)[wanted]

    return Samples(samples.pictures.view(Guarded), samples.targets)


def test_pictures_of_earlier_tasks_are_never_read(data):
    set_ = data.sets[0]
    n = len(set_.train)
    targets = {name: target.copy() for name, target in set_.train.targets.items()}
    old, new = np.arange(0, n // 2), np.arange(n // 2, n)
    targets["task A"][new] = targets["task B"][old] = -1
    guarded = _poisoned(Samples(set_.train.pictures, targets), old)
    found = rows_of(TaskData((replace(set_, train=guarded),), data.tasks, data.device), "train", 1)
    assert len(found) == len(new)
    assert found.complete == (True,)
    with pytest.raises(AssertionError, match="was read"):
        rows_of(TaskData((replace(set_, train=guarded),), data.tasks, data.device), "train", 0)


def test_what_pictures_of_earlier_tasks_become_later_changes_nothing(tmp_path, monkeypatch):
    """After its turn a task's pictures may be anything: the network ends the same."""
    run = network_runs(study_of(MORE, PARTS), 0)[0]
    run = run.model_copy(update={"training": run.training.model_copy(update={"epochs": 1})})
    expected, weights = train_sequence(run, Workplace(tmp_path / "a", keep_weights=True))
    trainer = sequence._Work.trainer

    def spoiling(work, network, task):
        found = trainer(work, network, task)
        pictures, target = work.data.sets[0].train.pictures, work.data.sets[0].train.targets[run.tasks[task]]
        pictures[target >= 0] = 0
        return found

    monkeypatch.setattr(sequence._Work, "trainer", spoiling)
    own = Workplace(tmp_path / "b", keep_weights=True)
    # A copy: data sets are kept in memory for other tests.
    whole = own.data(run.dataset)
    copied = replace(whole, train=Samples(whole.train.pictures.copy(), whole.train.targets))
    monkeypatch.setattr(Workplace, "data", lambda _place, _specification: copied)
    again, same = train_sequence(run, own)
    assert not copied.train.pictures[copied.train.targets["low digits"] >= 0].any()
    assert (again.metrics, same) == (expected.metrics, weights)


def _trainer(data, network, *, distillation=1.0):
    train = rows_of(data, "train", 1)
    held = held_answers(network, train, 1)
    return StageTrainer(
        Stage(network, 1),
        data.tasks[1:],
        RUN.training,
        0,
        train=train,
        validation=rows_of(data, "validation", 1),
        held=held,
        earlier=data.tasks[:1],
        distillation=distillation,
    )


def test_old_statistics_stay_and_old_heads_move_under_distillation(data):
    network = untrained(RUN, data)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    trainer = _trainer(data, network)
    trainer.network.train()
    optimizer = optimizer_of(trainer.network, RUN.training)
    for step in range(3):
        trainer.train_step(optimizer, step, torch.arange(16))
    trainer.refresh(trainer.network)
    after = network.state_dict()
    for name in before:
        if "running" in name or "num_batches" in name:
            assert torch.equal(after[name], before[name]) == name.startswith("chains.0."), name
    assert not torch.equal(after["heads.0.0.linear.weight"], before["heads.0.0.linear.weight"])


def test_without_distillation_what_is_an_old_tasks_alone_stays(data):
    network = untrained(RUN, data)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    trainer = _trainer(data, network)
    trainer.held = ()
    trainer.network.train()
    optimizer = optimizer_of(trainer.network, RUN.training)
    for step in range(3):
        trainer.train_step(optimizer, step, torch.arange(16))
    for name, tensor in network.state_dict().items():
        if name.startswith(("chains.0.", "heads.0.")):
            assert torch.equal(tensor, before[name]), name
    assert not torch.equal(network.weights[0], before["weights.0"])


def test_the_loss_is_the_sum_over_levels_of_the_new_task_and_of_what_is_held(data):
    network = untrained(RUN, data)
    trainer = _trainer(data, network, distillation=0.5)
    trainer.held = [
        [old + torch.randn(old.shape, generator=torch.Generator().manual_seed(0)) for old in trainer.held[0]]
    ]
    trainer.network.train()
    rows = torch.arange(12)
    shown = trainer.accumulate(rows)
    found = [weight.grad.clone() for weight in network.weights]
    network.zero_grad()
    pictures, (target,) = trainer.train.batch(rows)
    new, old = trainer.network(pictures), trainer.network(pictures, [(0, 0), (0, 1)])
    losses = [torch.nn.functional.cross_entropy(output, target) for output in new.values()]
    held = [
        distillation_loss(data.tasks[0], output, before[rows], 2.0)
        for output, before in zip(old.values(), trainer.held[0], strict=True)
    ]
    (sum(losses) + 0.5 * sum(held)).backward()
    assert shown.tolist() == pytest.approx([sum(losses).item() / 2, sum(held).item() / 2], rel=1e-5)
    for one, weight in zip(found, network.weights, strict=True):
        assert torch.allclose(one, weight.grad, rtol=1e-4, atol=1e-6)


def test_what_answers_as_before_is_held_without_a_loss(data):
    network = untrained(RUN, data)
    trainer = _trainer(data, network)
    trainer.network.train()
    assert trainer.accumulate(torch.arange(16))[1].item() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.slow
def test_distillation_keeps_what_was_learned(tmp_path):
    runs = network_runs(study_of(MORE, PARTS), 0)
    forgotten = []
    for run in runs:
        result, _ = train_sequence(run, Workplace(tmp_path))
        run.check(result)
        stages = run.payload_of(result, VirtualPayload).stages["test"]
        first, last = (np.mean([m["accuracy"] for m in stages[stage]["low digits"]]) for stage in (0, 1))
        forgotten.append(first - last)
    assert forgotten[0] < forgotten[1] - 0.05


def test_an_interrupted_training_ends_as_an_uninterrupted_one(tmp_path):
    run = RUN.model_copy(update={"training": STUDY.training.model_copy(update={"epochs": 6})})
    whole, expected = train_sequence(run, Workplace(tmp_path / "a", keep_weights=True))
    for patience in (2, 5):  # in the first task's turn, and in the second's
        asked = []

        def stop(asked=asked, patience=patience):
            asked.append(1)
            return len(asked) > patience

        own = tmp_path / f"stopped {patience}"
        halted, _ = train_sequence(run, Workplace(own, keep_weights=True, should_stop=stop))
        assert halted.state is RunState.CANCELLED
        assert halted.steps == {2: 20, 5: 24 + 20}[patience]
        again, weights = train_sequence(run, Workplace(own, keep_weights=True))
        assert (again.payload, weights) == (whole.payload, expected)
        assert again.curve == whole.curve
        assert [*(own / "checkpoints").glob("*")] == []


def test_the_weights_answer_as_it_was_measured(results, data):
    for run, (result, weights) in zip((RUN, PLAIN), results, strict=True):
        network = untrained(run, data)
        network.load_state_dict(load(weights))
        assert measured(network, data)[0] == run.payload_of(result, VirtualPayload).metrics


def test_a_diverged_training_says_so(tmp_path):
    wild = STUDY.training.model_copy(
        update={"learning_rate": 10.0, "weight_decay": 1.0, "epochs": 40, "optimizer": "sgd", "average": 0.0}
    )
    result, weights = train_sequence(RUN.model_copy(update={"training": wild}), Workplace(tmp_path, keep_weights=True))
    assert result.state is RunState.FAILED
    assert "lower learning rate" in result.sentence
    assert (weights, result.payload) == (None, None)
    assert [*(tmp_path / "checkpoints").glob("*")] == []
