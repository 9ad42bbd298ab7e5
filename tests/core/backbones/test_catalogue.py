"""The bundled profiles: complete, and the numbers that the literature prints."""

import pytest

from core.backbones import Builder, bundled_backbones, load_backbone
from core.errors import BackboneError


@pytest.mark.parametrize("name", bundled_backbones())
def test_every_bundled_profile_is_whole(name: str) -> None:
    backbone = load_backbone(name)
    assert backbone.n_blocks >= 3
    assert all(block.macs > 0 and block.params > 0 and block.output_shape and block.cut for block in backbone.blocks)
    assert len({block.cut for block in backbone.blocks}) == backbone.n_blocks
    assert Builder.parse(backbone.builder)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        *(("resnet18", 11_689_512), ("resnet34", 21_797_672), ("resnet50", 25_557_032), ("resnet101", 44_549_160)),
        *(("mobilenet_v2", 3_504_872), ("mobilenet_v3_small", 2_542_856), ("mobilenet_v3_large", 5_483_032)),
        *(("efficientnet_b0", 5_288_548), ("vgg16", 138_357_544), ("vgg16_bn", 138_365_992)),
        *(("densenet121", 7_978_856), ("convnext_tiny", 28_589_128), ("regnet_y_400mf", 4_344_144)),
        *(("shufflenet_v2_x1_0", 2_278_604), ("squeezenet1_1", 1_235_496), ("googlenet", 6_624_904)),
        *(("vit_b_16", 86_567_656), ("swin_t", 28_288_354), ("wide_resnet50_2", 68_883_240)),
    ],
)
def test_blocks_and_head_hold_the_published_parameters(name: str, params: int) -> None:
    backbone = load_backbone(name)
    assert backbone.params + backbone.head_params == params


def test_resnet34_stages() -> None:
    stages = load_backbone("resnet34").merged([0, 1, 4, 8, 14])
    assert [block.params for block in stages.blocks] == [9_536, 221_952, 1_116_416, 6_822_400, 13_114_368]


def test_an_unknown_name_gets_the_list() -> None:
    with pytest.raises(BackboneError, match="resnet18"):
        load_backbone("../resnet18")
