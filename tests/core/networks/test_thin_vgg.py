import pytest
import torch

from core.backbones import load_backbone
from core.backbones.downsampling import downsamplings
from core.costs import Unit, block_costs, layout_cost
from core.errors import BackboneError
from core.layouts import Layout
from core.networks.inputs import Inputs
from core.networks.named import named_backbone
from core.networks.thin_vgg import thin_vgg16, thin_vgg16_network

ATTRIBUTES = 40


def parameters(modules):
    return sum(p.numel() for module in modules for p in module.parameters())


def test_fifteen_blocks_from_pictures_to_features():
    blocks = thin_vgg16(4)
    x = torch.rand(2, 3, 224, 224)
    sides = []
    for block in blocks:
        x = block.eval()(x)
        sides.append(x.shape[-1] if x.ndim == 4 else 0)
    assert sides == [224, 112, 112, 56, 56, 56, 28, 28, 28, 14, 14, 14, 7, 0, 0]
    assert x.shape == (2, 8)


def test_no_layer_is_wider_than_in_vgg_16_and_the_widest_is_vgg_16_itself():
    vgg = load_backbone("vgg16")
    assert [parameters([block]) for block in thin_vgg16(512)[:13]] == [block.params for block in vgg.blocks]
    assert parameters(thin_vgg16(100)[:1]) == vgg.blocks[0].params


def test_vgg_16_with_the_attributes_as_outputs_has_the_size_that_the_paper_prints():
    vgg = load_backbone("vgg16")
    classes = 1000 * (4096 + 1)
    whole = vgg.params + vgg.head_params - classes + ATTRIBUTES * (4096 + 1)
    assert round(whole / 1e6, 2) == 134.42


@pytest.mark.parametrize(("width", "printed"), [(32, 2.20), (60, 7.73)])
def test_the_papers_branched_networks_are_about_ten_times_the_thin_one(width, printed):
    # Table 1 has 2.20 M and 7.73 M; the text says "a factor of 10".
    thin = parameters([thin_vgg16_network(width, ATTRIBUTES)])
    assert printed * 1e6 / thin == pytest.approx(10, abs=0.2)
    profile = load_backbone(f"thin_vgg16_{width}")
    assert profile.params + profile.head_params == thin
    assert profile.n_blocks == 15


def test_a_tree_of_the_papers_size_can_be_built_from_its_blocks():
    costs = block_costs(load_backbone("thin_vgg16_32"), Unit.PARAMETERS)
    heads = 64 * ATTRIBUTES + ATTRIBUTES
    shared = layout_cost(Layout.all_shared(ATTRIBUTES, 15), costs) + heads
    split = layout_cost(Layout.all_split(ATTRIBUTES, 15), costs) + heads
    assert shared == 219_048
    assert shared < 2.20e6 < split
    alone, together = tuple((task,) for task in range(ATTRIBUTES)), (tuple(range(ATTRIBUTES)),)
    twenty = tuple(tuple(range(2 * n, 2 * n + 2)) for n in range(ATTRIBUTES // 2))
    late = layout_cost(Layout((together,) * 13 + (twenty, alone)), costs) + heads
    # Branching at the first full layer alone, in twenty, gives the size that the paper has.
    assert late == pytest.approx(2.20e6, rel=0.06)


def test_its_downsamplings_are_its_poolings():
    found = downsamplings(load_backbone("thin_vgg16_32"))
    assert found == (5, 4, 4, 3, 3, 3, 2, 2, 2, 1, 1, 1, 0, 0, 0)


def test_the_command_line_can_make_it():
    found = named_backbone(
        "core.networks.thin_vgg:thin_vgg16_network", {"width": 8}, Inputs.of(torch.zeros(1, 3, 64, 64)), head="15"
    ).backbone
    assert found.n_blocks == 15
    assert found.params == parameters(thin_vgg16(8))


@pytest.mark.parametrize(("width", "channels"), [(0, 3), (8, 0)])
def test_nothing_below_one(width, channels):
    with pytest.raises(BackboneError, match="at least one"):
        thin_vgg16(width, in_channels=channels)
