"""Pretrained weights in training: frozen blocks never change, in any family's trainer, and resumed runs are equal."""

import pytest
import torch
from safetensors.torch import load, save_file
from torch import nn

from core.data import store
from core.families.multipath.runs import network_runs
from core.families.multipath.train import train_multipath
from core.families.single.runs import network_run
from core.families.single.train import train_network, train_run
from core.families.treednn.trainer import TreeTrainer, TreeTraining
from core.layouts import Layout
from core.networks.plan import BackbonePlan
from core.networks.small import small_residual
from core.runs.pretrained import PretrainedWeights
from core.studies.dataset_specification import DigitsSpecification
from core.studies.specification import BackboneSpecification, StudySpecification, TrainingSettings
from core.training.federated import Member
from core.training.workplace import Workplace
from tests.core.families.multipath.study import study_of


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    torch.manual_seed(3)
    blocks = nn.Sequential(*small_residual(4))
    for module in blocks.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.2, 0.2)
    path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    save_file(blocks.state_dict(), path)
    return path, blocks.state_dict()


def study(path, text="", **weights) -> StudySpecification:
    found = study_of(text)
    backbone = BackboneSpecification(width=4, weights=PretrainedWeights(file=str(path), **weights))
    return found.model_copy(update={"backbone": backbone})


def test_with_all_blocks_frozen_every_layout_answers_the_same(given, tmp_path):
    path, state = given
    found = study(path, freeze=5)
    shared, split = (
        train_run(network_run(found, (0, 1), layout, 0), Workplace(tmp_path, keep_weights=True))
        for layout in (Layout.all_shared(2, 5), Layout.of([[{0, 1}], *[[{0}, {1}]] * 4]))
    )
    assert shared[0].metrics == split[0].metrics
    weights = load(split[1])
    for block in range(1, 5):
        for copy in range(2):
            for name, tensor in weights.items():
                if name.startswith(f"blocks.{block}.{copy}."):
                    assert torch.equal(tensor, state[f"{block}.{name.removeprefix(f'blocks.{block}.{copy}.')}"]), name


def test_others_learn_slower_and_a_resumed_run_is_equal(given, tmp_path):
    path, state = given
    found = study(path, freeze=1, rate=0.01)
    longer = found.model_copy(update={"training": found.training.model_copy(update={"epochs": 4})})
    run = network_run(longer, (0,), Layout.all_shared(1, 5), 0)
    kept = []
    whole = train_network(run, keep=lambda network: kept.append(network.state_dict()))
    stops = iter([False, True])
    draft = tmp_path / "draft.safetensors"
    train_network(run, checkpoint=draft, should_stop=lambda: next(stops))
    assert draft.exists()
    assert train_network(run, checkpoint=draft).metrics == whole.metrics
    moved = {}
    for name, tensor in kept[0].items():
        if name.startswith("blocks.") and name.endswith("weight"):
            moved.setdefault(name[7], []).append(float((tensor - state[f"{name[7]}.{name[11:]}"]).abs().max()))
    assert max(moved["0"]) == 0
    assert 0 < max(moved["4"]) < 0.01


def test_paths_keep_frozen_blocks_too(given, tmp_path):
    path, state = given
    text = 'exits = ["0", "2.conv1", "4"]\n[[multipath.networks]]\nmix = "none"\n'
    (run,) = network_runs(study(path, text, freeze=3), 0)
    _, weights = train_multipath(run, Workplace(tmp_path, keep_weights=True))
    found = {tuple(t.shape): [] for t in state.values()}
    for name, tensor in load(weights).items():
        if name.startswith("stages."):
            found.setdefault(tuple(tensor.shape), []).append(tensor)
    for name, tensor in state.items():
        same = any(torch.equal(tensor, other) for other in found[tuple(tensor.shape)])
        assert same or int(name[0]) >= 3, name


def test_a_trunk_and_dedicated_networks_keep_frozen_blocks(given, tmp_path):
    path, state = given
    data = store.load(DigitsSpecification(name="digits", size=16, n_train=60), folder=tmp_path)
    members = [Member.of(name, data, name) for name in ("class", "parity")]
    settings = TrainingSettings(batch_size=16, epochs=1, average=0.5)
    plan = BackbonePlan("small_residual(width=4)", (16, 16), weights=PretrainedWeights(file=str(path), freeze=2))
    trainer = TreeTrainer(plan, 2, members, TreeTraining(settings, settings))
    tree = trainer.generalised()
    trainer.specialise(tree, members[0])
    alone = trainer.dedicated(members[0])
    for network, blocks in ((tree.trunk, "01"), (alone, "01")):
        for name, tensor in network.state_dict().items():
            if name[0] in blocks:
                assert torch.equal(tensor, state[name]), name
    assert not torch.equal(tree.branches[0].blocks.state_dict()["0.conv1.weight"], state["2.conv1.weight"])
