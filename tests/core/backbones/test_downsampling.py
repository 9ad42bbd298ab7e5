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


def test_windows_of_tokens_stand_for_the_maps_they_were_cut_from():
    maxvit = load_backbone("maxvit_t")
    found = downsamplings(maxvit)
    assert len(found) == maxvit.n_blocks
    assert list(found) == sorted(found, reverse=True)
    assert sorted(set(found)) == [0.0, 1.0, 2.0, 3.0, 4.0]
    # Whether a block hands on windows or maps makes no difference; nor does it where all blocks left hand on windows.
    assert found[2:12] == (3.0,) * 10
    windows = [place for place, block in enumerate(maxvit.blocks) if len({*block.output_shape[1:]}) == 2]
    stages = maxvit.merged([0, *(place + 1 for place in windows if place + 1 < maxvit.n_blocks)])
    assert [block.output_shape for block in stages.blocks[:3]] == [(64, 49, 64)] * 3
    assert downsamplings(stages)[0] == 3.0


@pytest.mark.parametrize("shape", [(8, 7, 8, 7, 64), (8, 8, 7, 7, 64), (64, 4, 49, 64), (1, 8, 8, 7, 7, 16)])
def test_windows_of_many_axes_are_known_by_the_maps_beside_them_or_not_at_all(shape):
    maps = (64, 56, 56)
    if shape[-1] == 64 and math.prod(shape) == math.prod(maps):
        assert downsamplings(backbone(shape, maps, (64, 28, 28))) == (1.0, 1.0, 0.0)
    else:
        with pytest.raises(BackboneError, match="Block 1 of"):
            downsamplings(backbone(shape, maps, (64, 28, 28)))
    with pytest.raises(BackboneError, match="does not tell how large its maps are"):
        downsamplings(backbone(shape, (64, 28, 28)))


def test_maps_of_oblong_pictures_are_no_windows():
    assert downsamplings(backbone((64, 16, 32), (64, 8, 16))) == (1.0, 0.0)


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
