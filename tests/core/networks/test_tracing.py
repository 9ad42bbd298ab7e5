"""The branching-point detector on real networks: re-joined blocks are the network, bit for bit."""

import copy
import re

import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional

from core.errors import BackboneError
from core.networks.tracing import TracedBackbone, detect
from tests.core.networks.constant import constant

CLASSIFIERS = torchvision.models.list_models(module=torchvision.models)
SEGMENTERS = torchvision.models.list_models(module=torchvision.models.segmentation)
# Their architecture fixes the size of the picture; every other one runs on a small one here.
SIZES = {"inception_v3": 128, "vit": 224, "maxvit": 224, "swin_v2": 64}
FAST = ("resnet18", "mobilenet_v2", "squeezenet1_1", "shufflenet_v2_x0_5", "googlenet", "regnet_y_400mf", "alexnet")


def made(name: str) -> nn.Module:
    kwargs: dict[str, object] = {"weights": None}
    if name in SEGMENTERS:
        kwargs["weights_backbone"] = None
    if name in ("googlenet", "inception_v3"):
        kwargs["init_weights"] = False
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return torchvision.models.get_model(name, **kwargs).eval()


def pictures(name: str) -> Tensor:
    side = next((size for prefix, size in SIZES.items() if name.startswith(prefix)), 64)
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))


def assert_rejoins(model: nn.Module, found: TracedBackbone, x: Tensor) -> None:
    with torch.no_grad():
        expected, actual = model(x), found.forward(x)
        expected = expected["out"] if isinstance(expected, dict) else expected
        assert isinstance(actual, Tensor)
        assert torch.equal(expected, actual)
        for block, part in zip(found.blocks, found.backbone.blocks, strict=True):
            out = block(x)
            assert tuple(out.shape[1:]) == part.output_shape
            assert sum(p.numel() for p in block.parameters()) == part.params
            x = out


def assert_counts(model: nn.Module, found: TracedBackbone, *, auxiliary: bool = False) -> None:
    total = sum(p.numel() for name, p in model.named_parameters() if not (auxiliary and "ux" in name.split(".")[0]))
    assert found.backbone.params + found.backbone.head_params == total
    names = [block.name for block in found.backbone.blocks]
    assert len(set(names)) == len(names)
    assert all(block.macs > 0 for block in found.backbone.blocks)


@pytest.mark.parametrize("name", FAST)
def test_rejoined_blocks_are_the_network(name: str) -> None:
    model, x = made(name), pictures(name)
    found = detect(model, x)
    assert_rejoins(model, found, x)
    assert_counts(model, found, auxiliary=True)
    assert found.backbone.n_blocks >= 3


@pytest.mark.slow
@pytest.mark.parametrize("name", [*CLASSIFIERS, *SEGMENTERS])
def test_every_torchvision_network(name: str) -> None:
    model, x = made(name), pictures(name)
    found = detect(model, x)
    assert_rejoins(model, found, x)
    assert_counts(model, found, auxiliary=True)
    assert found.backbone.n_blocks >= 3


@pytest.mark.slow
@pytest.mark.parametrize("name", SEGMENTERS)
def test_backbones_of_segmentation_networks(name: str) -> None:
    model, x = made(name).backbone, pictures(name)
    found = detect(model, x)
    with torch.no_grad():
        expected = model(x)
        assert torch.equal(expected.get("out", list(expected.values())[-1]), found.forward(x))
    assert isinstance(found.head, nn.Identity)
    assert found.backbone.n_blocks >= 3


# torchvision publishes the work of each network, in units of 10⁹ to three decimals.
@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", pytest.param("vit_b_32", marks=pytest.mark.slow)])
def test_macs_are_those_torchvision_publishes(name: str) -> None:
    published = torchvision.models.get_model_weights(name).DEFAULT.meta
    profile = detect(constant(name), torch.zeros(1, 3, 224, 224)).backbone
    assert (profile.macs + profile.head_macs) / 1e9 == pytest.approx(published["_ops"], abs=6e-4)
    assert profile.params + profile.head_params == published["num_params"]


def test_resnet34_stages_hold_what_the_paper_counts() -> None:
    found = detect(constant("resnet34"), torch.zeros(1, 3, 64, 64))
    stages = found.merge([0, 1, 4, 8, 14])
    assert [block.params for block in stages.backbone.blocks] == [9_536, 221_952, 1_116_416, 6_822_400, 13_114_368]
    assert stages.backbone.blocks[1].name == "layer1"


def test_blocks_of_resnet18_are_its_stem_and_residual_blocks() -> None:
    names = [block.name for block in detect(constant("resnet18"), torch.zeros(1, 3, 32, 32)).backbone.blocks]
    assert names == ["conv1", *(f"layer{stage}.{i}" for stage in range(1, 5) for i in range(2))]


def test_a_picture_so_small_that_maps_are_points_has_the_same_blocks() -> None:
    model = constant("resnet18")
    small, large = (detect(model, torch.zeros(1, 3, side, side)).backbone for side in (32, 128))
    assert [(b.name, b.params, b.cut) for b in small.blocks] == [(b.name, b.params, b.cut) for b in large.blocks]


def test_modes_weights_and_statistics_stay_as_they_were() -> None:
    model = made("mobilenet_v2").train()
    model.features[3].eval()
    modes = [module.training for module in model.modules()]
    state = copy.deepcopy(model.state_dict())
    detect(model, pictures("mobilenet_v2"))
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())


class Chain(nn.Module):
    """Two convolutions and what a test puts around them."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(torch.relu(self.first(x)))


def detected(model: nn.Module, **options: str) -> TracedBackbone:
    x = torch.randn(2, 3, 8, 8)
    found = detect(model.eval(), x, **options)
    assert_rejoins(model, found, x)
    return found


def test_norm_and_activation_join_a_neighbour() -> None:
    model = nn.Sequential(
        nn.BatchNorm2d(3),
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 5, 1),
        nn.PReLU(),
    )
    found = detected(model)
    assert [block.name for block in found.backbone.blocks] == ["1", "5"]
    assert [block.params for block in found.backbone.blocks] == [6 + 112 + 8, 25 + 1]


def test_a_skip_over_two_convolutions_leaves_one_block() -> None:
    class Skip(Chain):
        def forward(self, x: Tensor) -> Tensor:
            return x + super().forward(x)

    assert detected(Skip()).backbone.n_blocks == 1


def test_tied_weights_are_not_cut_apart() -> None:
    class Tied(Chain):
        def forward(self, x: Tensor) -> Tensor:
            return self.second(self.first(self.second(x)))

    assert detected(Tied()).backbone.n_blocks == 1
    shared = Chain()
    shared.second.weight = shared.first.weight
    assert detected(shared).backbone.n_blocks == 1


def test_a_size_that_a_later_block_needs_travels_for_any_batch() -> None:
    class Sizes(Chain):
        def forward(self, x: Tensor) -> Tensor:
            n, c, h, w = x.shape
            y = functional.avg_pool2d(self.first(x), 2)
            y = functional.interpolate(self.second(y), size=(h, w))
            return y.reshape(n, c, h * w)

    model = Sizes().eval()
    found = detected(model)
    assert found.backbone.n_blocks == 2
    other = torch.randn(5, 3, 8, 8)
    with torch.no_grad():
        assert torch.equal(model(other), found.forward(other))


def test_functional_dropout_follows_the_mode_of_its_block() -> None:
    class Dropping(Chain):
        def forward(self, x: Tensor) -> Tensor:
            return self.second(functional.dropout(self.first(x), 0.5, self.training))

    block = copy.deepcopy(detected(Dropping()).blocks[0])
    ones = torch.ones(1, 3, 8, 8)
    assert (block.train()(ones) == 0).any()
    assert not (block.eval()(ones) == 0).any()


def test_a_block_never_writes_into_its_input() -> None:
    class Writing(nn.Sequential):
        def forward(self, x: Tensor) -> Tensor:
            skip = self[0](x)
            return skip + self[2](self[1](skip))

    model = Writing(nn.Conv2d(3, 3, 1), nn.ReLU(inplace=True), nn.Conv2d(3, 3, 1))
    found = detected(model)
    assert found.backbone.n_blocks == 2
    between = torch.randn(2, 3, 8, 8)
    before = between.clone()
    found.blocks[1](between)
    assert torch.equal(between, before)


def test_an_inner_module_that_cannot_be_traced_stays_whole() -> None:
    class Branching(Chain):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) if x.sum() > 0 else super().forward(-x)

    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem, self.odd = nn.Conv2d(3, 3, 1), Branching()

        def forward(self, x: Tensor) -> Tensor:
            return self.odd(self.stem(x))

    assert [block.name for block in detected(Outer()).backbone.blocks] == ["stem", "odd"]


def test_children_in_a_chain_are_found_where_the_forward_cannot_be_traced() -> None:
    class Checking(Chain):
        def forward(self, x: Tensor) -> Tensor:
            if x.shape[1] != 3:
                raise ValueError("three channels wanted")
            return self.second(self.first(x))

    assert [block.name for block in detected(Checking()).backbone.blocks] == ["first", "second"]


def test_what_cannot_be_traced_is_named() -> None:
    class Data(Chain):
        def forward(self, x: Tensor) -> Tensor:
            if x.mean() > 0:
                x = -x
            return super().forward(x)

    with pytest.raises(
        BackboneError, match=re.escape('Data reads numbers computed from its input or weights at "if x.mean() > 0:"')
    ) as caught:
        detect(Data(), torch.zeros(1, 3, 8, 8))
    assert "/" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "shape", "words"),
    [
        (nn.Conv2d(4, 2, 3), (3, 8, 8), "does not run on an input of shape 3,8,8"),
        (nn.Bilinear(3, 3, 3), (3,), "takes 2 inputs"),
    ],
)
def test_models_of_another_kind_are_refused(model: nn.Module, shape: tuple[int, ...], words: str) -> None:
    with pytest.raises(BackboneError, match=words):
        detect(nn.Sequential(model) if isinstance(model, nn.Conv2d) else model, torch.zeros(2, *shape))


def test_merging_keeps_the_network_and_its_totals() -> None:
    model, x = made("mobilenet_v2"), pictures("mobilenet_v2")
    found = detect(model, x)
    for n_blocks in (1, 5):
        merged = found.merge_to(n_blocks)
        assert merged.backbone.n_blocks == n_blocks
        assert (merged.backbone.params, merged.backbone.macs) == (found.backbone.params, found.backbone.macs)
        expected = found.backbone.merged_to(n_blocks).blocks
        assert [(b.params, b.macs, b.cut) for b in merged.backbone.blocks] == [
            (b.params, b.macs, b.cut) for b in expected
        ]
        assert_rejoins(model, merged, x)
    with pytest.raises(BackboneError, match="can't be merged"):
        found.merge_to(0)


def test_points_are_added_and_removed() -> None:
    model, x = made("resnet18"), pictures("resnet18")
    found = detect(model, x)
    finer = found.with_point("conv1")
    assert finer.backbone.n_blocks == 10
    assert finer.backbone.blocks[0].macs == found.backbone.blocks[0].macs
    assert_rejoins(model, finer, x)
    again = finer.without_point("conv1")
    assert again.backbone == found.backbone
    with pytest.raises(BackboneError, match="There is no cut"):
        found.with_point("elsewhere")
    with pytest.raises(BackboneError, match="No two blocks meet"):
        found.without_point(found.candidates[-1])


def test_latency_is_measured_for_every_block() -> None:
    profile = detect(Chain(), torch.zeros(1, 3, 8, 8)).timed(repeats=3).backbone
    assert all(block.latency is not None and block.latency > 0 for block in profile.blocks)
    assert profile.merged([0]).latency == pytest.approx(profile.latency)
