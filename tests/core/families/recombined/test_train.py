import copy

import numpy as np
import pytest
import torch
from torch import nn

from core.data import store
from core.errors import AffinityError
from core.families.recombined.losses import losses_of as joined
from core.families.recombined.payloads import LossesPayload
from core.families.recombined.request import AffinityRequest
from core.families.recombined.runs import recombined_runs
from core.families.recombined.train import bottom_of, losses_of, run_recombined, trainer_of
from core.families.single import train as runs
from core.networks.export import save_weights
from core.runs.result import RunState
from core.studies.specification import ScenesSpecification, StudySpecification
from core.studies.specification import TrainingSettings as Settings
from core.tasks import Kind, Task
from core.training.build import build
from core.training.frozen_bottom import Bottom, RecombinedNetwork
from core.training.loop import End
from core.training.losses import LOSSES
from core.training.sample_losses import sample_losses

DATASET = ScenesSpecification(n_train=64, n_validation=20, n_test=8, size=16)
CPU = torch.device("cpu")


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Sums of two threads differ in the last digit."""
    with runs.threads(1):
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return store.load(DATASET, folder=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def study():
    return StudySpecification(
        name="tiny",
        dataset=DATASET,
        tasks=("depth", "segmentation"),
        training=Settings(batch_size=32, epochs=2),
        affinity=AffinityRequest(seeds=(3,)),
    )


@pytest.fixture(scope="module")
def asked(study):
    """Both tasks on the first two of segmentation's blocks."""
    return next(run for run in recombined_runs(study) if run.depth == 1 and run.source.tasks == ("segmentation",))


@pytest.fixture(scope="module")
def source(asked, data):
    return runs.train(asked.source, data, CPU)[1].network


def measure(asked, data, folder, **options):
    return run_recombined(asked, data, lambda key: folder / f"{key}.safetensors", drafts=folder, **options)


def tops(asked, data, network, most):
    """Give target → what it reached on a bottom."""
    bottom = Bottom.of(bottom_of(network, asked.depth), data, CPU, most=most)
    trainers = {name: trainer_of(asked, data.task(name), data, bottom, CPU) for name in asked.targets}
    for trainer in trainers.values():
        outcome = trainer.run()
        assert outcome.end is End.DONE
        yield losses_of(outcome.network, trainer.tasks[0], trainer.validation)


def test_the_bottom_stays_bit_for_bit_as_it_was(asked, data, source):
    """Its weights and its BatchNorm statistics, also where features are computed again for every batch."""
    before = copy.deepcopy(source.state_dict())
    list(tops(asked, data, source, most=0))
    after = source.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_cached_features_give_what_the_literal_procedure_gives(asked, data, source):
    cached, literal = list(tops(asked, data, source, 10**9)), list(tops(asked, data, source, 0))
    for one, other in zip(cached, literal, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-3, atol=2e-4)


def test_only_what_lies_above_the_bottom_is_trained(asked, data, source):
    bottom = Bottom.of(bottom_of(source, asked.depth), data, CPU, most=0)
    trainer = trainer_of(asked, data.task("depth"), data, bottom, CPU)
    own = build(asked.source.backbone, asked.source.tree, (data.task("depth"),), data.size, 3).path(0)
    expected = [parameter for part in list(own)[2:] for parameter in part.parameters()]
    found = list(trainer.network.parameters())
    assert [p.shape for p in found] == [p.shape for p in expected]
    # The same start as the task's own network of that seed.
    assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


def test_a_bottom_has_no_gradient_and_stays_in_evaluation_mode():
    bottom, top = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)), nn.Conv2d(4, 2, 1)
    network = RecombinedNetwork(top, bottom)
    network.train()
    network(torch.randn(5, 3, 8, 8))[0].sum().backward()
    assert not bottom.training
    assert all(parameter.grad is None for parameter in bottom.parameters())
    assert torch.equal(bottom[1].running_mean, torch.zeros(4))
    assert top.weight.grad is not None


def test_a_run_gives_the_losses_of_every_target(asked, data, source, tmp_path):
    save_weights(source, tmp_path / f"{asked.source.key}.safetensors")
    seen = []
    result = measure(asked, data, tmp_path, progress=lambda *point: seen.append(point))
    assert result.state is RunState.DONE
    found = LossesPayload.model_validate(result.payload).losses.arrays()
    assert tuple(found) == ("depth", "segmentation")
    for losses, expected in zip(found.values(), tops(asked, data, source, 10**9), strict=True):
        np.testing.assert_array_equal(losses, expected)
    assert [point[0] for point in seen] == sorted(point[0] for point in seen)
    assert seen[-1][0] == seen[-1][1] == result.steps
    assert [path.name for path in tmp_path.iterdir()] == [f"{asked.source.key}.safetensors"]


def test_without_kept_weights_the_source_is_trained_as_its_run_was(asked, data, source, tmp_path):
    save_weights(source, (folder := tmp_path / "kept").parent / "x.safetensors")
    folder.mkdir()
    (tmp_path / "x.safetensors").rename(folder / f"{asked.source.key}.safetensors")
    (bare := tmp_path / "bare").mkdir()
    assert measure(asked, data, bare).payload == measure(asked, data, folder).payload
    assert list(bare.iterdir()) == []


def test_cancelled_in_the_second_target_it_goes_on_there(asked, data, source, tmp_path):
    save_weights(source, tmp_path / f"{asked.source.key}.safetensors")
    whole = measure(asked, data, tmp_path)
    looks = iter([False, True])
    first = measure(asked, data, tmp_path, should_stop=lambda: next(looks))
    assert first.state is RunState.CANCELLED
    assert len(list(tmp_path.iterdir())) == 2
    assert measure(asked, data, tmp_path).payload == whole.payload


def test_a_training_that_diverges_is_named(asked, data, source, tmp_path):
    settings = asked.source.training.model_copy(update={"learning_rate": 1e38, "optimizer": "sgd"})
    wild = asked.model_copy(update={"source": asked.source.model_copy(update={"training": settings})})
    save_weights(source, tmp_path / f"{wild.source.key}.safetensors")
    with pytest.raises(AffinityError, match=r"The loss of depth on the features of segmentation became not-a-number"):
        measure(wild, data, tmp_path)


def test_fewer_epochs_are_another_run_and_fewer_steps(study, data, tmp_path):
    asked = recombined_runs(study)[0]
    short = asked.model_copy(update={"epochs": 1})
    short.__dict__.pop("key", None)
    assert short.key != asked.key
    save_weights(runs.train(asked.source, data, CPU)[1].network, tmp_path / f"{asked.source.key}.safetensors")
    assert measure(short, data, tmp_path).steps == 2 * len(asked.targets)


def test_results_join_to_one_value(study, data, tmp_path):
    results = {run.key: measure(run, data, tmp_path) for run in recombined_runs(study)[:3]}
    losses = joined(study, results)
    assert losses.values.shape == (1, 5, 2, 2, 20)
    np.testing.assert_array_equal(losses.measured[0].all(axis=1).sum(axis=1), [0, 0, 0, 1, 2])


@pytest.mark.parametrize("kind", [Kind.SEGMENTATION, Kind.DEPTH, Kind.CLASSIFICATION])
def test_sample_losses_average_to_the_loss_of_the_split(kind):
    torch.manual_seed(0)
    if kind is Kind.CLASSIFICATION:
        output, target = torch.randn(6, 4), torch.tensor([0, 1, 2, 3, -1, 1])
        whole = LOSSES[kind](output[[0, 1, 2, 3, 5]], target[[0, 1, 2, 3, 5]])
        missing = 4
    elif kind is Kind.SEGMENTATION:
        output, target = torch.randn(6, 4, 5, 5), torch.randint(0, 4, (6, 5, 5))
        target[2] = -1
        kept = [0, 1, 3, 4, 5]
        whole, missing = LOSSES[kind](output[kept], target[kept]), 2
    else:
        output, target = torch.randn(6, 1, 5, 5), torch.rand(6, 1, 5, 5) + 0.5
        whole, missing = LOSSES[kind](output, target), None
    found = sample_losses(Task.usual("x", kind, 3), output, target)
    assert np.flatnonzero(np.isnan(found)).tolist() == ([] if missing is None else [missing])
    assert np.nanmean(found) == pytest.approx(float(whole), rel=1e-5)


def test_where_pictures_change_features_are_computed_in_every_step(asked, data, source, tmp_path):
    training = asked.source.training.model_copy(update={"epochs": 1, "augment": Settings(augment=["flip"]).augment})
    changing = asked.model_copy(
        update={"targets": ("depth",), "source": asked.source.model_copy(update={"training": training})}
    )
    save_weights(source, tmp_path / f"{changing.source.key}.safetensors")
    found = LossesPayload.model_validate(measure(changing, data, tmp_path).payload).losses.arrays()["depth"]
    bottom = Bottom.of(bottom_of(source, changing.depth), data, CPU, most=0)
    assert bottom.blocks is not None
    trainer = trainer_of(changing, data.task("depth"), data, bottom, CPU)
    np.testing.assert_array_equal(found, losses_of(trainer.run().network, trainer.tasks[0], trainer.validation))


@pytest.fixture(scope="module")
def tuned(study):
    request = AffinityRequest(seeds=(3,), fine_tune=True)
    runs_ = recombined_runs(study.with_request(request))
    return next(run for run in runs_ if run.depth == 1 and run.source.tasks == ("segmentation",))


@pytest.fixture(scope="module")
def trained(tuned, data, source):
    """The trained networks of both tasks."""
    depth = runs.train(tuned.alone("depth"), data, CPU)[1].network
    return {"segmentation": source, "depth": depth}


def test_a_fine_tuned_top_starts_from_its_tasks_trained_network_and_so_with_a_lower_loss(tuned, data, trained):
    bottom = Bottom.of(bottom_of(trained["segmentation"], tuned.depth), data, CPU, most=0)
    for name, network in trained.items():
        before = copy.deepcopy(network.state_dict())
        starts = [trainer_of(tuned, data.task(name), data, bottom, CPU, trained=start) for start in (None, network)]
        expected = [parameter for part in list(network.path(0))[2:] for parameter in part.parameters()]
        assert all(torch.equal(a, b) for a, b in zip(starts[1].network.parameters(), expected, strict=True))
        anew, fine = (trainer.validation_loss(trainer.network) for trainer in starts)
        assert fine < anew
        assert starts[1].n_steps == starts[0].n_steps
        starts[1].run()
        after = network.state_dict()
        # Neither the network that the top came from nor the frozen bottom moves.
        assert all(torch.equal(before[key], after[key]) for key in before)


def test_a_fine_tuned_run_gives_losses_of_its_own_and_leaves_only_weights(tuned, asked, data, trained, tmp_path):
    for name, network in trained.items():
        save_weights(network, tmp_path / f"{tuned.alone(name).key}.safetensors")
    left = {path.name for path in tmp_path.iterdir()}
    fine, anew = measure(tuned, data, tmp_path), measure(asked, data, tmp_path)
    assert fine.steps == anew.steps
    assert fine.payload != anew.payload
    assert {path.name for path in tmp_path.iterdir()} == left
