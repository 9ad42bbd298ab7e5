"""Trees of traced backbones, their profiles and their weights on disk."""

from pathlib import Path

import pytest
import torch
import torchvision
from torch import nn

from core.errors import BackboneError
from core.layouts import Layout
from core.networks.export import load_weights, profile_of, save_weights, tree_of
from core.networks.small import small_residual
from core.networks.tracing import TracedBackbone, detect
from core.networks.tree import count_parameters

LAYOUT = Layout.of([[[0, 1, 2]], [[0, 1], [2]], [[0], [1], [2]]])
X = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module", params=["resnet18", "mobilenet_v3_small"])
def traced(request: pytest.FixtureRequest) -> TracedBackbone:
    model = getattr(torchvision.models, request.param)().eval()
    return detect(model, X).merge_to(3)


def heads(traced: TracedBackbone, n: int = 3) -> list[nn.Module]:
    channels = traced.backbone.blocks[-1].output_shape[0]
    return [nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, t + 2)).eval() for t in range(n)]


def test_parameters_are_groups_times_block_and_heads(traced: TracedBackbone) -> None:
    own = heads(traced)
    tree = tree_of(traced, LAYOUT, own)
    blocks = sum(n * block.params for n, block in zip(LAYOUT.group_counts, traced.backbone.blocks, strict=True))
    assert count_parameters(tree) == blocks + sum(map(count_parameters, own))


def test_all_shared_is_hard_sharing(traced: TracedBackbone) -> None:
    own = heads(traced)
    tree = tree_of(traced, Layout.all_shared(3, 3), own).eval()
    with torch.no_grad():
        trunk = nn.Sequential(*traced.blocks).eval()(X)
        assert all(torch.equal(tree(X)[task], head(trunk)) for task, head in enumerate(own))


def test_all_split_is_separate_networks_with_copied_weights(traced: TracedBackbone) -> None:
    singles = [tree_of(traced, Layout.all_split(1, 3), [head]).eval() for head in heads(traced, 2)]
    for single in singles:
        for parameter in single.parameters():
            nn.init.normal_(parameter, std=0.05)
    tree = tree_of(traced, Layout.all_split(2, 3), heads(traced, 2)).eval()
    for task, single in enumerate(singles):
        tree.path(task).load_state_dict(single.path(0).state_dict())
    with torch.no_grad():
        assert all(torch.equal(tree(X)[task], single(X)[0]) for task, single in enumerate(singles))


def test_a_tree_holds_copies_not_the_networks_own_weights(traced: TracedBackbone) -> None:
    theirs = {p.data_ptr() for block in traced.blocks for p in block.parameters()}
    assert not theirs & {p.data_ptr() for p in tree_of(traced, LAYOUT, heads(traced)).blocks.parameters()}


def test_weights_survive_the_disk(traced: TracedBackbone, tmp_path: Path) -> None:
    saved, fresh = (tree_of(traced, LAYOUT, heads(traced)).eval() for _ in range(2))
    with torch.no_grad():
        for parameter in saved.parameters():
            parameter.add_(0.01)
    save_weights(saved, tmp_path / "tree.safetensors")
    load_weights(fresh, tmp_path / "tree.safetensors")
    with torch.no_grad():
        assert all(torch.equal(saved(X)[task], fresh(X)[task]) for task in range(3))
    with pytest.raises(BackboneError, match="does not fit this tree"):
        load_weights(tree_of(traced, Layout.all_split(3, 3), heads(traced)), tmp_path / "tree.safetensors")


def test_profile_of_blocks_agrees_with_tracing_them_as_one() -> None:
    blocks = small_residual(8)
    profile = profile_of(blocks, X, name="small", names=["stem", "a", "b", "c", "d"])
    whole = detect(nn.Sequential(*blocks), X, head="none").backbone
    assert (profile.params, profile.macs) == (whole.params, whole.macs)
    assert [block.name for block in profile.blocks] == ["stem", "a", "b", "c", "d"]
    assert profile.blocks[-1].output_shape == (32, 4, 4)
    # A 3×3 convolution from 3 to 8 channels on 16×16 places.
    assert profile.blocks[0].macs == 9 * 3 * 8 * 16 * 16


def test_profile_of_blocks_that_do_not_fit_is_refused() -> None:
    with pytest.raises(BackboneError, match="does not run"):
        profile_of([nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 1)], X, name="wrong")
