"""From specification to result, on a data set of a few dozen pictures."""

import math

import numpy as np
import pytest
import torch

from core.data.dataset import Dataset, Samples
from core.data.scenes import TASKS, make_scenes
from core.errors import DataError, JobError
from core.families.single.runs import NetworkRun
from core.families.single.train import train_network
from core.layouts import Layout
from core.networks.export import to_bytes
from core.runs.result import RunState
from core.studies.specification import BackboneSpecification, ScenesSpecification, TrainingSettings
from core.training.loop import LOOK_EVERY
from core.training.schedule import epoch_losses, plateau

TINY = ScenesSpecification(n_train=40, n_validation=12, n_test=12, size=16)
NAMES = ("segmentation", "normals", "depth")


@pytest.fixture(scope="module")
def data():
    return make_scenes(TINY)


def specification(layout, names=NAMES, seed=1, **training):
    settings = {"epochs": 2, "batch_size": 8, **training}
    return NetworkRun(
        dataset=TINY,
        tasks=names,
        backbone=BackboneSpecification(width=2),
        layout=Layout.parse(layout).partitions,
        training=TrainingSettings(**settings),
        seed=seed,
    )


SINGLE = "0|0|0|0|0"
SHARED = "0,1,2|0,1,2|0,1,2|0,1,2|0,1,2"


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "nesterov"])
def test_tasks_that_share_nothing_train_like_single_tasks(data, optimizer):
    together = train_network(specification("0;1;2|0;1;2|0;1;2|0;1;2|0;1;2", optimizer=optimizer), data=data)
    for name in NAMES:
        alone = train_network(specification(SINGLE, (name,), optimizer=optimizer), data=data)
        for split in ("validation", "test"):
            assert together.metrics[split][name] == pytest.approx(alone.metrics[split][name], rel=1e-6)
        curves = zip(together.curve, alone.curve, strict=True)
        assert all(a.losses[name] == pytest.approx(b.losses[name], rel=1e-6) for a, b in curves)


def test_a_network_of_two_parts_trains_like_its_parts(data):
    whole = train_network(specification("0,1;2|0,1;2|0;1;2|0;1;2|0;1;2"), data=data)
    pair = train_network(specification("0,1|0,1|0;1|0;1|0;1", NAMES[:2]), data=data)
    for name in NAMES[:2]:
        assert whole.metrics["test"][name] == pytest.approx(pair.metrics["test"][name], rel=1e-6)


def test_sharing_makes_a_difference(data):
    shared, alone = (
        train_network(specification(SHARED), data=data),
        train_network(specification(SINGLE, NAMES[:1]), data=data),
    )
    assert shared.metrics["test"][NAMES[0]] != alone.metrics["test"][NAMES[0]]


def test_the_same_seed_repeats_and_another_does_not(data):
    first, again = (train_network(specification(SHARED), data=data) for _ in range(2))
    assert first.metrics == again.metrics
    assert first.curve == again.curve
    assert train_network(specification(SHARED, seed=2), data=data).metrics != first.metrics


def test_a_result_tells_everything(data):
    result = train_network(specification(SHARED, schedule="step"), data=data)
    assert result.state is RunState.DONE
    assert result.sentence == ""
    assert result.steps == 10
    for split in ("validation", "test"):
        assert list(result.metrics[split]) == list(NAMES)
        for task in TASKS[:3]:
            assert list(result.metrics[split][task.name]) == [metric.name for metric in task.metrics]
    assert 0 < result.head_params < result.params
    assert result.seconds > 0
    assert result.environment.threads == 1
    assert {"torch", "numpy", "python"} <= result.environment.versions.keys()
    assert [point.step for point in result.curve] == [5, 10]


def test_parameters_are_groups_times_blocks_and_heads(data):
    single, shared, split = (
        train_network(specification(layout, names, epochs=1), data=data)
        for layout, names in (
            (SINGLE, NAMES[1:2]),
            ("0,1|0,1|0,1|0,1|0,1", ("normals", "depth")),
            ("0,1|0,1|0,1|0,1|0;1", ("normals", "depth")),
        )
    )
    body = single.params - single.head_params
    assert shared.params - shared.head_params == body
    last = 2 * (8 * 8 * 9 + 2 * 8)
    assert split.params - split.head_params == body + last


def test_training_learns(data):
    result = train_network(specification(SINGLE, ("depth",), epochs=12), data=data)
    assert result.curve[-1].losses["depth"] < 0.5 * result.curve[0].losses["depth"]


def test_all_six_tasks_train_together(data):
    names = tuple(task.name for task in TASKS)
    result = train_network(specification("|".join(["0,1,2,3,4,5"] * 5), names, epochs=1), data=data)
    values = [v for split in result.metrics.values() for task in split.values() for v in task.values()]
    assert all(math.isfinite(value) for value in values)


def test_progress_rises_to_the_end(data):
    seen = []
    train_network(
        specification(SHARED), data=data, progress=lambda step, n, losses: seen.append((step, n, set(losses)))
    )
    assert seen == [(5, 10, set(NAMES)), (10, 10, set(NAMES))]
    assert LOOK_EVERY > 5


def test_a_cancelled_run_goes_on_from_its_checkpoint(data, tmp_path):
    asked = specification(SHARED, epochs=4)
    path, answers = tmp_path / "run.safetensors", iter([False, True])
    cancelled = train_network(asked, data=data, checkpoint=path, should_stop=lambda: next(answers))
    assert cancelled.state is RunState.CANCELLED
    assert cancelled.metrics == {}
    assert "after 10 of 20 steps" in cancelled.sentence
    assert path.exists()
    steps = []
    resumed = train_network(asked, data=data, checkpoint=path, progress=lambda step, _n, _losses: steps.append(step))
    assert steps[0] == 15
    assert not path.exists()
    whole = train_network(asked, data=data)
    assert resumed.metrics == whole.metrics
    assert resumed.curve == whole.curve


def test_a_rate_that_follows_the_loss_goes_on_from_a_checkpoint(data, tmp_path):
    # Far too slow to learn, so that the loss stalls; the run stops where the rate falls, after the fourth epoch.
    settings = {"optimizer": "nesterov", "schedule": "plateau", "learning_rate": 1e-7, "average": 0.0, "epochs": 7}
    asked = specification(SINGLE, ("depth",), **settings)
    path, answers = tmp_path / "run.safetensors", iter([False, False, True])
    cancelled = train_network(asked, data=data, checkpoint=path, should_stop=lambda: next(answers))
    assert "after 20 of 35 steps" in cancelled.sentence
    kept, whole = [], []
    resumed = train_network(asked, data=data, checkpoint=path, keep=lambda network: kept.append(to_bytes(network)))
    uninterrupted = train_network(asked, data=data, keep=lambda network: whole.append(to_bytes(network)))
    assert resumed.curve == uninterrupted.curve
    assert kept == whole
    # It did fall.
    slower = plateau(epoch_losses(uninterrupted.curve, 5, 7))
    assert slower < 1


@pytest.mark.parametrize("content", [b"", b"no safetensors", None])
def test_a_checkpoint_that_does_not_fit_starts_anew(data, tmp_path, content):
    path = tmp_path / "run.safetensors"
    if content is None:
        answers = iter([False, True])
        other = specification(SINGLE, NAMES[:1], epochs=4)
        train_network(other, data=data, checkpoint=path, should_stop=lambda: next(answers))
    else:
        path.write_bytes(content)
    result = train_network(specification(SHARED), data=data, checkpoint=path)
    assert result.metrics == train_network(specification(SHARED), data=data).metrics


def test_a_loss_that_is_no_number_is_a_failed_run(data):
    def without_depth(samples):
        return Samples(samples.pictures, {"depth": np.zeros_like(samples.targets["depth"])})

    broken = Dataset("x", TASKS[2:3], *(without_depth(s) for s in (data.train, data.validation, data.test)))
    result = train_network(specification(SINGLE, ("depth",)), data=broken)
    assert result.state is RunState.FAILED
    assert "not-a-number at step 0 of 10" in result.sentence
    assert result.metrics == {}


def test_patience_ends_a_training_that_no_longer_improves(data):
    # One training picture and very many epochs: validation gets worse long before the end.
    asked = specification(SINGLE, ("segmentation",), epochs=400, patience=3, schedule="step")
    result = train_network(asked, data=data)
    assert result.state is RunState.DONE
    assert result.steps < 2000
    assert "Stopped early" in result.sentence
    assert result.metrics["test"]


def test_patience_goes_on_from_a_checkpoint(data, tmp_path):
    asked = specification(SINGLE, ("segmentation",), epochs=400, patience=3, schedule="step")
    whole = train_network(asked, data=data)
    # Stopped while it waits: asked every ten steps, five in an epoch.
    path, looks = tmp_path / "run.safetensors", []
    last = (whole.steps - 1) // 10
    halted = train_network(asked, data=data, checkpoint=path, should_stop=lambda: looks.append(1) or len(looks) > last)
    assert whole.steps - 15 < halted.steps < whole.steps
    resumed = train_network(asked, data=data, checkpoint=path)
    assert (resumed.steps, resumed.metrics, resumed.sentence) == (whole.steps, whole.metrics, whole.sentence)


def test_threads_are_as_before(data):
    before = torch.get_num_threads()
    train_network(specification(SINGLE, NAMES[:1], threads=before + 1, epochs=1), data=data)
    assert torch.get_num_threads() == before


def test_an_unknown_task_is_named(data):
    with pytest.raises(DataError, match='no task "dept"'):
        train_network(specification(SINGLE, ("dept",)), data=data)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a graphics card")
def test_a_missing_graphics_card_is_said_before_anything_else(data):
    with pytest.raises(JobError, match="no CUDA device"):
        train_network(specification(SINGLE, NAMES[:1], device="cuda"), data=data)
    assert (
        train_network(specification(SINGLE, NAMES[:1], device="auto", epochs=1), data=data).environment.device == "cpu"
    )


@pytest.mark.parametrize("heads", ["aspp", "pyramid"])
def test_larger_heads_are_trained_and_are_another_run(data, heads):
    plain = specification(SHARED)
    run = plain.model_copy(update={"backbone": BackboneSpecification(width=2, heads=heads)})
    assert run.key != plain.key
    assert plain.key == plain.model_copy(update={"backbone": BackboneSpecification(width=2, heads="light")}).key
    result = train_network(run, data=data)
    assert result.state is RunState.DONE
    assert result.params != train_network(plain, data=data).params
