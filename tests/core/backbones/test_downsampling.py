import math

import pytest

from core.backbones import Backbone, Block, load_backbone
from core.backbones.downsampling import downsamplings
from core.errors import BackboneError


def backbone(*shapes):
    return Backbone("made-up", tuple(Block(f"b{i}", 1, 1, shape) for i, shape in enumerate(shapes)))


def test_the_stages_of_resnet_50_have_three_to_none_and_dilated_ones_fewer():
    stages = [0, 4, 8, 14]
    assert downsamplings(load_backbone("resnet50").merged(stages)) == (3.0, 2.0, 1.0, 0.0)
    assert downsamplings(load_backbone("deeplabv3_resnet50_backbone").merged(stages)) == (1.0, 0.0, 0.0, 0.0)


def test_the_last_stage_of_resnet_50_is_what_two_networks_of_the_paper_differ_by():
    stages = load_backbone("resnet50").merged([0, 4, 8, 14]).blocks
    assert stages[3].params == 14_964_736
    assert round(stages[3].params / 1e6) == 107 - 92


def test_they_never_rise_from_the_input_where_maps_only_shrink_and_end_with_none():
    for name in ("vgg16", "mobilenet_v2", "swin_t", "densenet121", "small_residual_8"):
        found = downsamplings(load_backbone(name))
        assert list(found) == sorted(found, reverse=True)
        assert found[-1] == 0.0


def test_channels_may_stand_last_and_tokens_keep_their_number():
    assert downsamplings(load_backbone("swin_t"))[0] == 3.0
    assert set(downsamplings(load_backbone("vit_b_16"))) == {0.0}


def test_odd_sizes_give_numbers_that_are_not_whole_and_oblong_maps_their_mean():
    assert downsamplings(backbone((8, 15, 15), (8, 7, 7))) == (pytest.approx(math.log2(15 / 7)), 0.0)
    assert downsamplings(backbone((8, 32, 8), (8, 8, 8))) == (1.0, 0.0)


def test_maps_that_grow_again_count_no_less_than_none():
    assert downsamplings(backbone((8, 16, 16), (8, 4, 4), (8, 16, 16))) == (0.0, 0.0, 0.0)


def test_maps_that_become_a_vector_keep_their_resolution():
    assert downsamplings(backbone((8, 14, 14), (8, 7, 7), (64,), (64,))) == (1.0, 0.0, 0.0, 0.0)


def test_an_unknown_shape_is_one_sentence():
    with pytest.raises(BackboneError, match="block 2, b1"):
        downsamplings(backbone((8, 4, 4), ()))
