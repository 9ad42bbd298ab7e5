"""Multi-path networks trained: teachers stay, controls are what they say, results are measured."""

import numpy as np
import pytest
import torch
from safetensors.torch import load

from core.data import store
from core.families.multipath.distillation import Distillation
from core.families.multipath.network import build_multipath
from core.families.multipath.payload import MatrixPayload, MultiPathPayload
from core.families.multipath.place import Place, all_places
from core.families.multipath.runs import matrix_run, network_runs
from core.families.multipath.train import digest_of, train_matrix, train_multipath
from core.families.multipath.trainer import PathTrainer, loss_weights, of_heads
from core.families.single.runs import network_run
from core.families.single.train import train_run
from core.families.single.trained import Sources
from core.layouts import Layout
from core.runs.result import RunState
from core.tasks import Kind, Task
from core.training.loop import Trainer, optimizer_of
from core.training.task_data import TaskData
from core.training.tensors import Tensors
from core.training.workplace import Workplace
from tests.core.families.multipath.study import study_of

NETWORKS = """\
exits = ["0", "2.conv1", "4"]
[[multipath.networks]]
name = "none"
mix = "none"
[[multipath.networks]]
name = "shared"
mix = "none"
assign = "shared"
[[multipath.networks]]
name = "doubled"
mix = "doubled"
[[multipath.networks]]
name = "taught"
mix = "additive"
alpha = 1.0
"""
STUDY = study_of(NETWORKS)
RUNS = dict(zip(("none", "shared", "doubled", "taught"), network_runs(STUDY, 0), strict=True))


def test_all_tasks_at_the_last_exit_train_to_hard_sharing(tmp_path):
    ours, weights = train_multipath(RUNS["shared"], Workplace(tmp_path, keep_weights=True))
    theirs, _ = train_run(network_run(STUDY, (0, 1), Layout.all_shared(2, 5), 0), Workplace(tmp_path))
    assert ours.state is RunState.DONE
    assert ours.metrics == theirs.metrics
    assert ours.steps == theirs.steps
    assert (ours.params, ours.head_params) == (theirs.params, theirs.head_params)
    for mine, other in zip(ours.curve, theirs.curve, strict=True):
        # Exact up to the order in which gradients are summed.
        assert mine.losses == pytest.approx(other.losses, rel=1e-5)
    assert weights is not None


def test_teachers_stay_as_they_are_and_both_losses_are_reported(tmp_path):
    place = Workplace(tmp_path)
    result, _ = train_multipath(RUNS["taught"], place)
    payload = RUNS["taught"].payload_of(result, MultiPathPayload)
    assert [*result.curve[-1].losses] == ["task A", "task B", "task A, teacher", "task B, teacher"]
    assert all(value > 0 for value in result.curve[-1].losses.values())
    data = store.load(STUDY.dataset, folder=tmp_path / "cache")
    sources = Sources(data, torch.device("cpu"), place.weights, lambda key: tmp_path / key)
    for single in RUNS["taught"].singles:
        network = sources.network(single, lambda *_: None)
        assert payload.teachers[single.tasks[0]] == digest_of(network)
    assert [*result.metrics["test"]] == ["task A", "task B"]


def test_stored_teachers_are_used_and_only_when_they_count(tmp_path):
    place = Workplace(tmp_path, keep_weights=True)
    for single in RUNS["taught"].singles:
        _, content = train_run(single, place)
        place.weights(single.key).parent.mkdir(exist_ok=True)
        place.weights(single.key).write_bytes(content)
    shown = []
    first, _ = train_multipath(RUNS["taught"], Workplace(tmp_path, progress=lambda step, n, _: shown.append((step, n))))
    # Nothing but the network itself was trained.
    assert {n for _, n in shown} == {first.steps}
    payload = RUNS["none"].payload_of(train_multipath(RUNS["none"], place)[0], MultiPathPayload)
    assert payload.teachers == {}


def _trainer(loss, tasks, places, targets, teachers=(), weights=None):
    network = build_multipath(STUDY.backbone, ("0", "4"), places, tasks, (16, 16), 0)
    pictures = torch.rand(8, 16, 16, 3, generator=torch.Generator().manual_seed(1))
    complete = tuple(bool((target >= 0).all()) for target in targets)
    data = of_heads(Tensors(pictures, targets, complete), places)
    return PathTrainer(
        network,
        tuple(tasks[place.task] for place in places),
        STUDY.training,
        0,
        train=data,
        validation=data,
        names=tuple(str(place) for place in places),
        loss=loss,
        weights=weights or (1.0,) * len(places),
        teachers=teachers,
    )


TASKS = (Task.usual("task A", Kind.CLASSIFICATION, 4), Task.usual("task B", Kind.CLASSIFICATION, 4))
TARGETS = (torch.tensor([0, 1, 2, 3] * 2), torch.tensor([3, -1] * 4))
ROWS = torch.arange(8)


def test_the_control_doubles_the_gradient_of_the_labels():
    places = (Place(0, 0), Place(1, 1))
    plain, doubled = (_trainer(Distillation(mix=mix), TASKS, places, TARGETS) for mix in ("none", "doubled"))
    totals = [trainer.losses_at(ROWS) for trainer in (plain, doubled)]
    assert totals[1][0].item() == pytest.approx(2 * totals[0][0].item())
    assert torch.equal(totals[0][1], totals[1][1])
    for total, _ in totals:
        total.backward()
    for one, other in zip(plain.network.parameters(), doubled.network.parameters(), strict=True):
        assert torch.allclose(2 * one.grad, other.grad, atol=1e-6)


def test_a_network_is_no_further_from_a_teacher_that_answers_as_it_does():
    places = (Place(0, 0), Place(1, 1))
    trainer = _trainer(Distillation(mix="additive", alpha=1.0), TASKS, places, TARGETS)
    trainer.network.eval()
    with torch.no_grad():
        outputs = trainer.network(trainer.train.batch(ROWS)[0])
    trainer.teachers = (outputs[0], outputs[1])
    total, shown = trainer.losses_at(ROWS)
    assert shown[2:].abs().max().item() < 1e-6
    assert total.item() == pytest.approx(shown[:2].sum().item(), abs=1e-5)


def test_weights_multiply_the_losses_of_tasks():
    places = (Place(0, 0), Place(1, 1))
    trainer = _trainer(Distillation(mix="none"), TASKS, places, TARGETS, weights=(1.0, 0.25))
    total, shown = trainer.losses_at(ROWS)
    assert total.item() == pytest.approx((shown[0] + 0.25 * shown[1]).item())


def test_weights_by_labels_let_each_label_count_the_same():
    class Counted:
        def n_labelled(self, split, name):
            assert split == "train"
            return {"task A": 1000, "task B": 100}[name]

    data = TaskData((Counted(),), TASKS, torch.device("cpu"))
    assert loss_weights(data, "labels") == (1.0, 0.1)
    assert loss_weights(data, "equal") == (1.0, 1.0)


def test_without_teachers_it_is_the_usual_training():
    places = (Place(0, 1), Place(1, 1))
    ours = _trainer(Distillation(mix="none"), TASKS, places, TARGETS)
    usual = Trainer(ours.network, ours.tasks, ours.settings, 0, train=ours.train, validation=ours.validation)
    assert torch.equal(ours.losses_at(ROWS)[0], usual.losses_at(ROWS)[0])
    assert optimizer_of(ours.network, ours.settings).defaults == optimizer_of(usual.network, usual.settings).defaults


def test_the_matrix_measures_every_task_at_every_exit(tmp_path):
    run = matrix_run(STUDY, 0)
    result, weights = train_matrix(run, Workplace(tmp_path, keep_weights=True))
    run.check(result)
    payload = run.payload_of(result, MatrixPayload)
    assert result.metrics == {}
    assert result.head_params == sum(map(sum, payload.head_params))
    assert [exit_.name for exit_ in payload.exits] == ["0", "2.conv1", "4"]
    assert len(result.curve[0].losses) == 6
    # The weights answer as it was measured.
    data = store.load(STUDY.dataset, folder=tmp_path / "cache")
    tasks = tuple(data.task(name) for name in STUDY.tasks)
    network = build_multipath(STUDY.backbone, run.exits, all_places(2, 3), tasks, data.size, 0)
    network.load_state_dict(load(weights))
    network.eval()
    from core.training.tensors import tensors_of

    test = tensors_of(data, "test", tasks, torch.device("cpu"))
    with torch.no_grad():
        outputs = network(test.batch(slice(None))[0])
    for number, place in enumerate(network.places):
        right = (outputs[number].argmax(dim=1) == test.targets[place.task]).double().mean().item()
        assert payload.metrics["test"][STUDY.tasks[place.task]][place.exit]["accuracy"] == pytest.approx(right)
    last = payload.leaving["task A"][-1]
    assert last.shares == (0.0, 0.0, 1.0)
    assert last.macs == payload.exits[-1].macs
    assert last.accuracy == pytest.approx(payload.metrics["test"]["task A"][-1]["accuracy"])
    assert np.isfinite([point.accuracy for point in payload.leaving["task B"]]).all()


def test_a_diverged_training_says_so(tmp_path):
    # Every step multiplies the weights by −9.
    wild = STUDY.training.model_copy(
        update={"learning_rate": 10.0, "weight_decay": 1.0, "epochs": 40, "optimizer": "sgd", "average": 0.0}
    )
    run = RUNS["none"].model_copy(update={"training": wild})
    result, weights = train_multipath(run, Workplace(tmp_path, keep_weights=True))
    assert result.state is RunState.FAILED
    assert "lower learning rate" in result.sentence
    assert (weights, result.payload) == (None, None)
    assert [*(tmp_path / "checkpoints").glob("*")] == []


def test_an_interrupted_training_ends_as_an_uninterrupted_one(tmp_path):
    run = RUNS["taught"].model_copy(update={"training": STUDY.training.model_copy(update={"epochs": 6})})
    whole, expected = train_multipath(run, Workplace(tmp_path / "a", keep_weights=True))
    asked = []

    def stop():
        # Each training asks at the steps 0, 10 and 20 of 24: both teachers end, the network is stopped at its step 10.
        asked.append(1)
        return len(asked) > 7

    halted, _ = train_multipath(run, Workplace(tmp_path / "b", keep_weights=True, should_stop=stop))
    assert (halted.state, halted.steps) == (RunState.CANCELLED, 10)
    again, weights = train_multipath(run, Workplace(tmp_path / "b", keep_weights=True))
    assert again.metrics == whole.metrics
    assert weights == expected
