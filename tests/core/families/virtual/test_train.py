"""Deep virtual networks trained jointly: controls are what they say, units learn from their levels, nothing is lost."""

import pytest
import torch
from safetensors.torch import load

from core.families.single.runs import single_run
from core.families.single.tasks_work import task_data
from core.families.single.train import train_run
from core.families.virtual.drawn_levels import drawn_levels, steps_of
from core.families.virtual.measure import measured, pieces_of, records_of
from core.families.virtual.payload import VirtualPayload
from core.families.virtual.runs import VirtualRun, network_runs
from core.families.virtual.totals import gradient_totals
from core.families.virtual.train import train_virtual, untrained
from core.families.virtual.trainer import VirtualTrainer
from core.runs.result import RunState
from core.training.workplace import Workplace
from tests.core.families.virtual.study import TEXT, study_of

NETWORKS = """\
units = 2
[[virtual.networks]]
[[virtual.networks]]
name = "last"
levels = "last"
[[virtual.networks]]
name = "sampled"
levels = "sampled"
"""
STUDY = study_of(NETWORKS)
RUNS = dict(zip(("nearest", "last", "sampled"), network_runs(STUDY, 0), strict=True))
ALL = RUNS["nearest"]
assert isinstance(ALL, VirtualRun)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def results(home):
    return {name: train_virtual(run, Workplace(home, keep_weights=True)) for name, run in RUNS.items()}


@pytest.fixture(scope="module")
def data(home):
    return task_data(ALL, Workplace(home))


def trainer_of(data, run=ALL, **more):
    return VirtualTrainer(
        untrained(run, data),
        data.tasks,
        run.training,
        run.seed,
        train=data.joint("train"),
        validation=data.joint("validation"),
        sizes=data.sizes,
        **more,
    )


@pytest.mark.parametrize("name", RUNS)
def test_a_result_is_whole(results, name):
    run, (result, weights) = RUNS[name], results[name]
    assert result.state is RunState.DONE, result.sentence
    run.check(result)
    payload = run.payload_of(result, VirtualPayload)
    assert result.metrics["test"].keys() == set(STUDY.tasks)
    for split, tasks in result.metrics.items():
        for task, metrics in tasks.items():
            assert payload.metrics[split][task][-1] == metrics
    assert [*result.curve[-1].losses] == ["task A", "task B"]
    assert result.steps == 2 * 4
    assert result.params == payload.shared_params + sum(
        r.own_params + r.head_params for t in payload.records for r in t
    )
    assert weights is not None


def test_the_weights_answer_as_it_was_measured(results, data):
    result, weights = results["nearest"]
    network = untrained(ALL, data)
    network.load_state_dict(load(weights))
    metrics, _ = measured(network, data)
    assert {split: dict(tasks) for split, tasks in metrics.items()} == ALL.payload_of(result, VirtualPayload).metrics


def test_one_task_that_learns_its_last_level_alone_trains_as_a_single_task_network(home):
    run = RUNS["last"]
    run = run.model_copy(update={"tasks": run.tasks[:1], "orders": run.orders[:1]})
    ours, _ = train_virtual(run, Workplace(home))
    theirs, _ = train_run(single_run(STUDY, 0, 0), Workplace(home))
    assert ours.metrics == theirs.metrics
    assert [point.losses for point in ours.curve] == [pytest.approx(point.losses, rel=1e-5) for point in theirs.curve]


def test_weights_learn_from_every_level_that_uses_them(data):
    trainer = trainer_of(data)
    rows = torch.arange(16)
    trainer.accumulate(rows, drawn_levels("all", ALL.shape, 0, 0))
    found = [weight.grad.clone() for weight in trainer.network.weights]
    expected = [torch.zeros_like(weight) for weight in found]
    for task in range(2):
        for level in range(2):
            alone = trainer_of(data)
            levels = [[], []]
            levels[task] = [level]
            pictures, targets = alone.train.batch(rows)
            loss = alone.train_losses[task](alone.network(pictures, [(task, level)])[task, level], targets[task])
            loss.backward()
            for total, weight in zip(expected, alone.network.weights, strict=True):
                total += weight.grad
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-6)


def test_each_piece_learns_from_as_many_levels_as_its_total_says(data):
    network, totals = untrained(ALL, data), gradient_totals(ALL.orders)
    chain = network.part((0, 0))[0]
    name = next(
        n for n in range(len(network.weights)) if len(chain.get_buffer(f"columns_{n}")) < network.weights[n].shape[1]
    )
    seen = torch.zeros(network.weights[name].shape[:2], dtype=torch.int64)
    for place in network.places:
        used = network.part(place)[0]
        rows, columns = used.get_buffer(f"rows_{name}"), used.get_buffer(f"columns_{name}")
        seen[rows[:, None], columns] += 1
    # Units take turns among the channels.
    pattern = [channel % 2 for channel in range(len(seen))], [channel % 2 for channel in range(seen.shape[1])]
    for row, unit in enumerate(pattern[0]):
        for column, other in enumerate(pattern[1]):
            assert seen[row, column] == totals[unit, other]


def test_a_trained_level_does_not_hear_of_other_units(results, data):
    network = untrained(ALL, data)
    network.load_state_dict(load(results["nearest"][1]))
    network.eval()
    pictures = data.joint("test").batch(slice(None))[0]
    with torch.no_grad():
        before = network(pictures)
        for place in network.places:
            changed = untrained(ALL, data)
            changed.load_state_dict(load(results["nearest"][1]))
            chain = network.part(place)[0]
            for number, weight in enumerate(changed.weights):
                rows, columns = chain.get_buffer(f"rows_{number}"), chain.get_buffer(f"columns_{number}")
                used = torch.zeros(weight.shape[:2], dtype=torch.bool)
                used[rows[:, None], columns] = True
                weight[~used] = float("nan")
            assert torch.equal(changed.eval()(pictures, [place])[place], before[place])


def test_counts_are_those_of_the_layers(data):
    network = untrained(ALL, data)
    pieces = pieces_of(network)
    records = records_of(network, data.size)
    for task, levels in enumerate(records):
        for level, record in enumerate(levels):
            units = network.units((task, level))
            picture = sum(pieces["picture_params"][unit] for unit in units)
            assert record.shared_params == picture + sum(pieces["pieces"][a][b] for a in units for b in units)
            dense = network.dense((task, level))
            assert record.params == sum(parameter.numel() for parameter in dense.parameters())
    assert sum(map(sum, pieces["pieces"])) + sum(pieces["picture_params"]) == sum(w.numel() for w in network.weights)


def test_common_channels_are_counted_apart(data):
    text = TEXT.replace("width = 2", "width = 4")
    run = network_runs(study_of("units = 2\nbase = 0.5\n", text), 0)[0]
    network = untrained(run, data)
    found = pieces_of(network)
    counted = sum(map(sum, found["pieces"])) + found["common_params"] + sum(found["edges"])
    assert counted + sum(found["picture_params"]) == sum(weight.numel() for weight in network.weights)
    # Half of the channels are common, a quarter each unit's: 4 : 2 · 2 : 1 + 1 in both directions.
    assert found["common_params"] == 4 * found["pieces"][0][0]
    assert found["edges"] == (4 * found["pieces"][0][0],) * 2
    assert found["picture_params"][2] == 2 * found["picture_params"][0]
    for task in range(2):
        first = network.units((task, 0))[0]
        expected = found["common_params"] + found["edges"][first] + found["pieces"][first][first]
        expected += found["picture_params"][2] + found["picture_params"][first]
        assert network.shared_params((task, 0)) == expected


@pytest.mark.parametrize("levels", ["all", "sandwich", "sampled", "last"])
def test_levels_are_drawn_from_seed_and_step_alone(levels):
    drawn = [drawn_levels(levels, (3, 4), 5, step) for step in range(200)]
    assert drawn == [drawn_levels(levels, (3, 4), 5, step) for step in range(200)]
    counts = steps_of(levels, (3, 4), 5, 200)
    each = {"all": 4, "sandwich": 3, "sampled": 1, "last": 1}[levels]
    assert [sum(task) for task in counts] == [200 * each] * 3
    for task, levels_of_task in enumerate(counts):
        assert levels_of_task == [sum(level in step[task] for step in drawn) for level in range(4)]
    if levels in ("sandwich", "sampled"):
        # Tasks draw each for themselves, and another seed draws otherwise.
        assert drawn[0][0] != drawn[0][1] or any(step[0] != step[1] for step in drawn)
        assert drawn != [drawn_levels(levels, (3, 4), 6, step) for step in range(200)]
        assert min(min(task) for task in counts) > 200 / 4 / 2


def test_only_what_was_drawn_learns(data):
    trainer = trainer_of(data)
    trainer.accumulate(torch.arange(8), [[0], [1]])
    network = trainer.network
    for place in network.places:
        chain, head = network.part(place)
        learned = [p.grad is not None for part in (chain, head) for p in part.parameters()]
        assert all(learned) if place in ((0, 0), (1, 1)) else not any(learned)


# With momentum, levels that are drawn late have their first gradient in another step than those drawn early.
@pytest.mark.parametrize(("name", "optimizer"), [("nearest", "adamw"), ("sampled", "adamw"), ("sampled", "nesterov")])
def test_an_interrupted_training_ends_as_an_uninterrupted_one(tmp_path, name, optimizer):
    changed = {"epochs": 6, "optimizer": optimizer}
    run = RUNS[name].model_copy(update={"training": STUDY.training.model_copy(update=changed)})
    whole, expected = train_virtual(run, Workplace(tmp_path / "a", keep_weights=True))
    asked = []

    def stop():
        asked.append(1)
        return len(asked) > 2

    halted, _ = train_virtual(run, Workplace(tmp_path / "b", keep_weights=True, should_stop=stop))
    assert (halted.state, halted.steps) == (RunState.CANCELLED, 20)
    again, weights = train_virtual(run, Workplace(tmp_path / "b", keep_weights=True))
    assert again.payload == whole.payload
    assert [point.losses for point in again.curve] == [point.losses for point in whole.curve]
    assert weights == expected


def test_early_stopping_looks_at_the_levels_that_learn(data):
    everything, last = trainer_of(data), trainer_of(data, levels="last")
    network = everything.network.eval()
    losses = []
    pictures, targets = everything.validation.batch(slice(None))
    with torch.no_grad():
        for (task, _), output in network(pictures).items():
            losses.append(everything.train_losses[task](output, targets[task]).item())
    assert everything.validation_loss(network) == pytest.approx(sum(losses), rel=1e-5)
    assert last.validation_loss(network) == pytest.approx(losses[1] + losses[3], rel=1e-5)


def test_a_diverged_training_says_so(tmp_path):
    wild = STUDY.training.model_copy(
        update={"learning_rate": 10.0, "weight_decay": 1.0, "epochs": 40, "optimizer": "sgd", "average": 0.0}
    )
    result, weights = train_virtual(ALL.model_copy(update={"training": wild}), Workplace(tmp_path, keep_weights=True))
    assert result.state is RunState.FAILED
    assert "lower learning rate" in result.sentence
    assert (weights, result.payload) == (None, None)
    assert [*(tmp_path / "checkpoints").glob("*")] == []
