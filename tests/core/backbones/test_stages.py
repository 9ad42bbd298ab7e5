import pytest

from core.backbones import Backbone, Block, load_backbone
from core.backbones.stages import stage_starts


@pytest.mark.parametrize(
    ("name", "n", "first"),
    [
        ("resnet50", 5, ["conv1", "layer1.0", "layer2.0", "layer3.0", "layer4.0"]),
        ("convnext_tiny", 8, ["features.0", "features.1.0", "features.2", "features.3.0", "features.4"]),
        ("efficientnet_b0", 9, ["features.0", "features.1.0.block.0", "features.2.0.block.0"]),
        ("vgg16", 5, ["features.0", "features.5", "features.10", "features.17", "features.24"]),
    ],
)
def test_stages_are_those_that_the_field_knows(name, n, first):
    backbone = load_backbone(name)
    starts = stage_starts(backbone, n)
    assert [backbone.blocks[start].name for start in starts[: len(first)]] == first
    assert backbone.merged(starts).n_blocks == n


def test_other_numbers_have_no_stages_and_are_not_guessed():
    assert stage_starts(load_backbone("resnet50"), 7) is None
    assert stage_starts(Backbone("b", (Block("a", 1, 1), Block("b", 1, 1))), 1) == (0,)  # sizes unknown, so all alike


def test_blocks_of_a_stage_are_adjacent():
    blocks = [Block(name, 1, 1) for name in ("a.0", "b.0", "a.1")]
    assert stage_starts(Backbone("b", tuple(blocks)), 2) is None
    assert stage_starts(Backbone("b", tuple(blocks)), 3) == (0, 1, 2)
