"""Multi-path networks of several data sets: batches hold rows of each, and heads learn from their own."""

import numpy as np
import pytest
import torch

from core.data.federated import FederatedSampler
from core.errors import DataError, StudyError
from core.families.multipath.distillation import Distillation
from core.families.multipath.export import PathChoice, exported_path
from core.families.multipath.losses import teacher_loss
from core.families.multipath.network import build_multipath
from core.families.multipath.payload import MatrixPayload, MultiPathPayload
from core.families.multipath.place import Place
from core.families.multipath.results import MultiPathResults
from core.families.multipath.runs import expand
from core.families.multipath.train import digest_of
from core.families.multipath.trainer import PathTrainer, of_heads
from core.families.single.set_network import SetNetworkRun
from core.families.single.set_train import set_data
from core.families.single.set_view import set_view
from core.families.single.trained import Sources
from core.jobs.submission import with_parents
from core.runs.result import RunState
from core.studies.archive import open_archive, write_archive
from core.studies.specification import parse_study
from core.studies.study_file import write_study
from core.training.execute import execute
from core.training.federated import FederatedLoader
from core.training.losses import loss_of
from core.training.prepare_study import prepare_study
from core.training.task_data import TaskData
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
[multipath]
exits = ["1", "4"]
[[multipath.networks]]
name = "taught"
mix = "additive"
[[multipath.networks]]
name = "labels"
mix = "none"
weighting = "labels"
"""
STUDY = parse_study(TEXT)
FAR, DIGITS, TAUGHT, LABELS, MATRIX = expand(STUDY)
PLACES = (Place(0, 0), Place(1, 1))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def results(home):
    """Every run in order, as a worker carries them out."""
    found = {}
    for run in expand(STUDY):
        result, _ = execute(run.kind, run.model_dump_json(), Workplace(home, keep_weights=True))
        assert result.state is RunState.DONE, result.sentence
        found[run.key] = result
    return found


@pytest.fixture(scope="module")
def data(home):
    sets = tuple(set_data(run, Workplace(home)) for run in (FAR, DIGITS))
    return TaskData(sets, tuple(each.tasks[0] for each in sets), torch.device("cpu"))


def trainer_of(data, loss=None, teachers=(), weights=(1.0, 0.5)):
    joint = of_heads(data.joint("train"), PLACES)
    return PathTrainer(
        build_multipath(STUDY.backbone, TAUGHT.exits, PLACES, data.tasks, data.size, 0),
        data.tasks,
        STUDY.training,
        3,
        train=joint,
        validation=joint,
        names=("far", "digits"),
        loss=loss or Distillation(mix="none"),
        weights=weights,
        teachers=teachers,
        sizes=tuple(len(each.train) for each in data.sets),
    )


def test_the_study_requests_a_single_task_network_on_each_set():
    assert [type(run) for run in (FAR, DIGITS)] == [SetNetworkRun] * 2
    assert [run.dataset.name for run in (FAR, DIGITS)] == ["scenes", "digits"]
    assert [run.label.tasks for run in (FAR, DIGITS)] == [("far",), ("digits",)]
    assert [run.key for run in TAUGHT.parents] == [FAR.key, DIGITS.key]
    assert len({run.key for run in with_parents(expand(STUDY))}) == 5
    assert parse_study(write_study(STUDY)) == STUDY


def test_keys_depend_on_every_set_and_not_on_where_it_lies():
    other = TEXT.replace("n_train = 60", "n_train = 50")
    far, digits, *networks = expand(parse_study(other))
    assert far.key == FAR.key
    assert digits.key != DIGITS.key
    assert not {run.key for run in networks} & {TAUGHT.key, LABELS.key, MATRIX.key}
    again = expand(parse_study(TEXT.replace("[training]", "[training]\nthreads = 2")))
    assert [run.key for run in again] == [run.key for run in expand(STUDY)]


def test_batches_are_those_of_the_federated_loader(data):
    trainer = trainer_of(data)
    own = [part for part, _ in data.parts("train")]
    loader = FederatedLoader(own, STUDY.training.batch_size, seed=3)
    assert trainer.steps_per_epoch == len(loader) == 8
    for epoch in (0, 1):
        rows = trainer.rows.epoch(epoch).split(STUDY.training.batch_size)
        for ours, parts in zip(rows, loader.epoch(epoch), strict=True):
            pictures, targets = trainer.train.batch(ours)
            assert torch.equal(pictures, torch.cat([part for part, _ in parts]))
            ends = np.cumsum([0, *(len(part) for part, _ in parts)])
            for head, (_, (target,)) in enumerate(parts):
                assert torch.equal(targets[head][ends[head] : ends[head + 1]], target)


def test_the_loss_is_the_sum_of_every_heads_loss_on_its_own_rows(data):
    loss = Distillation(mix="additive", alpha=0.7, temperature=3.0)
    sizes = FederatedSampler((40, 60), 17).rows_per_set
    assert sizes == (9, 8)
    torch.manual_seed(0)
    n = len(data.joint("train"))
    teachers = (torch.randn(n, 1, 16, 16), torch.randn(n, 10))
    trainer = trainer_of(data, loss, teachers)
    rows = trainer.rows.epoch(0)[:17]
    total, reported = trainer.losses_at(rows)
    pictures, targets = trainer.train.batch(rows)
    outputs = trainer.network(pictures)
    parts, by_hand = (slice(0, 9), slice(9, 17)), 0.0
    for head, (part, weight) in enumerate(zip(parts, (1.0, 0.5), strict=True)):
        task, own, target = data.tasks[head], outputs[head][part], targets[head][part]
        label = loss_of(task, complete=True)(own, target)
        taught = teacher_loss(task, own, teachers[head][rows][part], target, loss, complete=True)
        assert reported.tolist()[head::2] == pytest.approx([label.item(), taught.item()], rel=1e-5)
        by_hand += weight * (label + 0.7 * taught)
    assert total.item() == pytest.approx(by_hand.item(), rel=1e-5)


@pytest.mark.parametrize("head", [0, 1])
def test_a_head_has_no_gradient_from_rows_of_other_sets(data, head):
    rows = torch.arange(40) if head == 1 else torch.arange(40, 100)
    n = len(data.joint("train"))
    full = (torch.randn(n, 1, 16, 16), torch.randn(n, 10))
    # As in a training: what a teacher would answer to rows of other sets is missing.
    full[0][40:], full[1][:40] = float("nan"), float("nan")
    trainer = trainer_of(data, Distillation(mix="additive"), full)
    total, reported = trainer.losses_at(rows)
    total.backward()
    assert torch.isfinite(total)
    assert reported.tolist()[head::2] == [0.0, 0.0]
    ours, theirs = (trainer.network.heads[place].parameters() for place in (head, 1 - head))
    assert all(p.grad is None or not p.grad.any() for p in ours)
    assert any(p.grad.any() for p in theirs)


def test_each_head_learns_from_the_single_task_network_of_its_set(home, results, data):
    payload = TAUGHT.payload_of(results[TAUGHT.key], MultiPathPayload)
    for place, run in enumerate((FAR, DIGITS)):
        sources = Sources(data.sets[place], data.device, Workplace(home).weights, lambda key: home / key)
        assert payload.teachers[run.tasks[0]] == digest_of(sources.network(run, lambda *_: None))
    assert [*results[TAUGHT.key].curve[-1].losses] == ["far", "digits", "far, teacher", "digits, teacher"]
    assert LABELS.payload_of(results[LABELS.key], MultiPathPayload).weights == pytest.approx((40 / 60, 1.0))


def test_every_task_is_measured_on_the_splits_of_its_own_set(results, data):
    for run in (TAUGHT, LABELS):
        found = results[run.key]
        for split in ("validation", "test"):
            assert [*found.metrics[split]] == ["far", "digits"]
            for place, name in enumerate(run.tasks):
                assert len(found.samples[split][name].values()) == len(getattr(data.sets[place], split))
                alone = results[(FAR, DIGITS)[place].key]
                assert found.constant[split][name] == alone.constant[split][name]
    matrix = MATRIX.payload_of(results[MATRIX.key], MatrixPayload)
    assert {split: {name: len(each) for name, each in tasks.items()} for split, tasks in matrix.metrics.items()} == {
        split: {"far": 2, "digits": 2} for split in ("validation", "test")
    }
    assert [*matrix.leaving] == ["digits"]


def test_a_training_that_was_stopped_goes_on_bit_for_bit(home, results):
    for run in (LABELS, MATRIX):
        whole = results[run.key]
        asked = []

        def stop(asked=asked):
            asked.append(None)
            return len(asked) > 1

        place = Workplace(home, keep_weights=True, should_stop=stop)
        stopped, _ = execute(run.kind, run.model_dump_json(), place)
        assert stopped.state is RunState.CANCELLED
        assert 0 < stopped.steps < whole.steps
        assert place.checkpoint(run.key).is_file()
        resumed, _ = execute(run.kind, run.model_dump_json(), Workplace(home, keep_weights=True))
        assert (resumed.metrics, resumed.payload, resumed.steps) == (whole.metrics, whole.payload, whole.steps)


def test_results_of_the_study_travel_in_an_archive(results):
    record, _ = prepare_study(STUDY)
    opened = open_archive(write_archive(record, results))
    assert opened.results.keys() == results.keys()
    found = opened.study().result(MultiPathResults)
    assert [network.name for network in found.networks] == ["taught", "labels"]
    for split in ("validation", "test"):
        assert np.isfinite(found.singles[split]).all()
        assert np.isfinite(found.matrix.gains[split]).all()
        assert all(np.isfinite(network.gains[split]).all() for network in found.networks)


def test_no_path_is_written_as_files_and_a_sentence_says_so(results):
    record, _ = prepare_study(STUDY)
    with pytest.raises(StudyError, match="a data set each, and of such networks no files are written"):
        exported_path(record, PathChoice("far"), results, lambda _: None)


def test_pictures_are_brought_to_one_size_and_maps_are_not(data):
    assert data.sets[1].size == (16, 16)
    with pytest.raises(DataError, match="a target for each pixel of 16×16, and its pictures would be brought to 24×24"):
        set_view(data.sets[0], "far", "far", 24)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[multipath]", '[multipath]\norder = "hierarchy"', "every task has its own data set"),
        ("[multipath]", "[rivals]\n[multipath]", "can't be trained together, so they have no [rivals]"),
        ("[multipath]", "[table]\n[multipath]", "can't be trained together, so they have no [table]"),
        ('exits = ["1", "4"]', 'exits = ["4"]', "with one exit"),
    ],
)
def test_what_several_data_sets_cannot_do_is_refused(before, after, said):
    text = TEXT.replace(before, after, 1)
    with pytest.raises(StudyError) as fault:
        parse_study(text)
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_batch_too_small_for_the_sets_is_refused():
    more = """\
[[dataset.sets]]
name = "again"
task = "class"
dataset = { name = "digits" }
[backbone]"""
    third = TEXT.replace("[backbone]", more)
    with pytest.raises(StudyError, match="a batch of 2 rows can't hold one of each of 3 data sets"):
        parse_study(third.replace("batch_size = 17", "batch_size = 2"))


def test_a_map_of_another_size_is_refused_before_the_study_is_stored():
    study = parse_study(TEXT.replace("size = 16\n[[", "size = 24\n[[", 1))
    with pytest.raises(DataError, match="Bring the data set itself to 24×24"):
        prepare_study(study)
