"""Changed pictures: as torchvision's transforms change them, maps with them, and the same in every layout of a seed."""

import math

import pytest
import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

from core.data import store
from core.data.membership import MIDDLE, RANGE, SPREAD
from core.errors import DataError, StudyError
from core.families.single.runs import network_run
from core.families.single.train import train_network
from core.families.treednn.trainer import TreeTrainer, TreeTraining
from core.layouts import Layout
from core.networks.plan import BackbonePlan
from core.runs.result import RunState
from core.runs.settings import TrainingSettings
from core.studies.dataset_specification import DigitsSpecification
from core.studies.specification import parse_study
from core.studies.study_file import write_study
from core.tasks import Kind, Task
from core.training.augment import Augment, check_augmentation
from core.training.federated import Member

N, SIDE = 6, 12
KINDS = (Kind.SEGMENTATION, Kind.NORMALS, Kind.DEPTH, Kind.REGRESSION_MAP, Kind.CLASSIFICATION)


@pytest.fixture(scope="module")
def batch():
    random = torch.Generator().manual_seed(0)
    values = torch.rand(N, 3, SIDE, SIDE, generator=random) * RANGE
    normals = torch.nn.functional.normalize(torch.randn(N, 3, SIDE, SIDE, generator=random), dim=1)
    targets = [
        torch.randint(-1, 4, (N, SIDE, SIDE), generator=random),
        normals,
        torch.rand(N, 1, SIDE, SIDE, generator=random) + 1,
        torch.rand(N, 2, SIDE, SIDE, generator=random),
        torch.arange(N),
    ]
    targets[2][0, 0, 3:5, 3:5] = torch.nan
    return (values - MIDDLE) / SPREAD, targets


def changed(batch, *changes, draw=(0, 1), kinds=KINDS):
    return Augment(TrainingSettings(augment=changes).augment, kinds, 0).batch(*batch, draw)


def same(one, other):
    return torch.equal(one.nan_to_num(-9), other.nan_to_num(-9))


@pytest.mark.parametrize(
    ("name", "flip"), [("flip", functional.horizontal_flip), ("vertical-flip", functional.vertical_flip)]
)
def test_a_flip_is_torchvision_s_and_turns_normals(batch, name, flip):
    pictures, targets = batch
    made, moved = changed(batch, {"name": name, "share": 1.0})
    assert torch.equal(made, flip(pictures))
    for number in (0, 2, 3):
        assert same(moved[number], flip(targets[number]))
    turned = flip(targets[1]).clone()
    turned[:, int(name != "flip")] *= -1
    assert torch.equal(moved[1], turned)
    assert torch.equal(moved[4], targets[4])
    some, _ = changed(batch, {"name": name, "share": 0.5})
    each = [torch.equal(a, b) for a, b in zip(some, pictures, strict=True)]
    assert {*each} == {True, False}


@pytest.mark.parametrize("width", [SIDE, 20])
def test_a_turn_is_torchvision_s_and_what_comes_from_outside_is_missing(width):
    random = torch.Generator().manual_seed(3)
    pictures = torch.rand(N, 3, SIDE, width, generator=random)
    targets = [
        torch.randint(-1, 4, (N, SIDE, width), generator=random),
        torch.rand(N, 2, SIDE, width, generator=random),
    ]
    made, moved = changed((pictures, targets), {"name": "rotate", "degrees": 90}, kinds=(KINDS[0], KINDS[3]))
    for n in range(N):
        tried = [
            functional.rotate(pictures[n], angle / 2, interpolation=v2.InterpolationMode.BILINEAR)
            for angle in range(-180, 181)
        ]
        assert min(float((made[n] - each).abs().mean()) for each in tried) < 0.01
    assert {*moved[0].unique().tolist()} <= {-1, 0, 1, 2, 3}
    outside = moved[1].isnan().all(dim=1)
    assert outside.any()
    assert (moved[0][outside] == -1).all()


def test_a_crop_is_torchvision_s_and_what_looks_larger_is_nearer(batch):
    pictures, targets = batch
    made, moved = changed(batch, {"name": "crop", "least": 0.5})
    ramp = torch.linspace(-1 + 1 / SIDE, 1 - 1 / SIDE, SIDE)
    places = torch.stack([ramp.expand(SIDE, SIDE), ramp[:, None].expand(SIDE, SIDE)])[None].repeat(N, 1, 1, 1)
    _, (found,) = changed((pictures, [places]), {"name": "crop", "least": 0.5}, kinds=(Kind.REGRESSION_MAP,))
    first, last = found.amin(dim=(2, 3)), found.amax(dim=(2, 3))
    assert (first >= -1).all()
    assert (last <= 1).all()
    side = ((last - first) / (ramp[-1] - ramp[0])).mean(dim=1)
    assert side.max() < 1.05
    assert side.min() > 0.4
    inside = ~moved[2].isnan()
    ratios = moved[2] / torch.where(inside, 1, torch.nan)
    for n in range(N):
        known = {round(float(v), 4) for v in (targets[2][n] * 1.0).flatten() if not math.isnan(v)}
        zooms = {round(float(v), 4) for v in ratios[n].flatten() if not math.isnan(v)}
        assert max(zooms) <= max(known) * 1.0001
        assert min(zooms) >= 0.5 * min(known) * 0.999
    assert made.shape == pictures.shape
    assert not moved[1].isnan().any()


def test_colours_are_torchvision_s(batch):
    pictures, targets = batch
    values = (pictures * SPREAD + MIDDLE) / RANGE
    for name, adjust in (
        ("brightness", functional.adjust_brightness),
        ("contrast", functional.adjust_contrast),
        ("saturation", functional.adjust_saturation),
    ):
        rest = dict.fromkeys({"brightness", "contrast", "saturation"} - {name}, 0.0)
        made, moved = changed(batch, {"name": "color", name: 0.9, **rest})
        shown = (made * SPREAD + MIDDLE) / RANGE
        for n in range(N):
            tried = [adjust(values[n], factor / 200) for factor in range(20, 381)]
            assert min(float((shown[n] - each).abs().max()) for each in tried) < 0.006, name
        assert all(same(a, b) for a, b in zip(moved, targets, strict=True))


def test_noise_and_erasing_change_pictures_alone(batch):
    pictures, targets = batch
    made, moved = changed(batch, {"name": "noise", "deviation": 0.1})
    assert float((made - pictures).std()) * SPREAD / RANGE == pytest.approx(0.1, rel=0.1)
    erased, _ = changed(batch, {"name": "erase", "share": 1.0, "most": 0.5})
    gone = (erased != pictures).any(dim=1)
    assert all(0 < int(each.sum()) <= 36 for each in gone)
    assert (erased.movedim(1, -1)[gone] == 0).all()
    assert all(same(a, b) for a, b in zip(moved, targets, strict=True))


def test_what_is_drawn_depends_on_the_draw_alone(batch):
    every = ("flip", "crop", "color", "noise", "erase")
    one, again, other = (changed(batch, *every, draw=draw)[0] for draw in ((0, 1), (0, 1), (0, 2)))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    part, _ = changed((batch[0], batch[1][:1]), *every, kinds=KINDS[:1])
    assert torch.equal(part, one)


STUDY = """\
name = "small"
tasks = ["segmentation", "depth"]
[dataset]
name = "scenes"
n_train = 24
n_validation = 8
n_test = 8
size = 16
[backbone]
width = 2
[training]
epochs = 3
batch_size = 8
"""
AUGMENT = 'augment = ["flip", {name = "crop", least = 0.6}, "rotate", "color"]\n'


def test_tasks_that_share_nothing_see_the_pictures_of_single_task_networks(tmp_path):
    study = parse_study(STUDY + AUGMENT)
    alone = Layout.of([[{0}, {1}]] * 5)
    runs = [network_run(study, (task,), Layout.all_shared(1, 5), 0) for task in (0, 1)]
    single = [train_network(run) for run in runs]
    data = store.load(study.dataset)
    both = runs[0].model_copy(update={"tasks": study.tasks, "layout": alone.partitions})
    joint = train_network(both, data=data)
    assert joint.state is RunState.DONE
    for task, result in zip(study.tasks, single, strict=True):
        assert joint.metrics["test"][task] == pytest.approx(result.metrics["test"][task], rel=1e-4)
    plain = train_network(network_run(parse_study(STUDY), (0,), Layout.all_shared(1, 5), 0))
    assert plain.metrics != single[0].metrics
    stops, draft = iter([False, True]), tmp_path / "draft.safetensors"
    long = runs[0].model_copy(update={"training": runs[0].training.model_copy(update={"epochs": 5})})
    train_network(long, checkpoint=draft, should_stop=lambda: next(stops))
    assert draft.exists()
    assert train_network(long, checkpoint=draft).metrics == train_network(long).metrics


def test_a_tree_trains_its_branches_on_changed_pictures(tmp_path):
    data = store.load(DigitsSpecification(name="digits", size=16, n_train=48), folder=tmp_path)
    members = [Member.of(name, data, name) for name in ("class", "parity")]
    weights = []
    for augment in ((), ("crop", "color")):
        settings = TrainingSettings(batch_size=16, epochs=1, average=0.5, augment=augment)
        trainer = TreeTrainer(
            BackbonePlan("small_residual(width=2)", (16, 16)), 2, members, TreeTraining(settings, settings)
        )
        tree = trainer.generalised()
        assert trainer.specialise(tree, members[0])
        weights.append(tree.branches[0].state_dict()["blocks.0.conv1.weight"])
    assert not torch.equal(*weights)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('augment = ["flip", "flip"]', "twice"),
        ('augment = ["mirror"]', "flip"),
        ("augment = [{name = 'crop', least = 1.0}]", "least"),
        ("augment = [{name = 'crop', degrees = 1.0}]", "degrees"),
        ("augment = [{name = 'color', brightness = 0, contrast = 0, saturation = 0}]", "does nothing"),
        ('augment = ["flip"]\n[multipath]', "teachers"),
        ('augment = ["flip"]\n[rivals]\nmethods = ["lwf"]', "holds the answers"),
        ('augment = ["flip"]\n[virtual]\n[[virtual.networks]]\ntraining = "sequence"', "distillation"),
    ],
)
def test_what_can_not_be_or_does_nothing_is_refused(lines, words):
    with pytest.raises(StudyError, match=words):
        parse_study(STUDY + lines)


def test_changes_are_written_as_they_are_read():
    study = parse_study(STUDY + AUGMENT)
    assert parse_study(write_study(study)) == study
    assert study.training.augment[1].least == 0.6


def test_turned_normals_are_refused():
    with pytest.raises(DataError, match="up or down"):
        check_augmentation(Task.usual("normals", Kind.NORMALS, 3), TrainingSettings(augment=("rotate",)).augment)
