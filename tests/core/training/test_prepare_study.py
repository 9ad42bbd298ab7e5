import torch

from core.networks.tree import count_parameters
from core.studies.specification import BackboneSpecification
from core.training.prepare_study import profile


def test_the_profile_of_the_small_net_is_what_its_convolutions_add_up_to():
    found = profile(BackboneSpecification(), (32, 32))
    assert [block.params for block in found.blocks] == [232, 1184, 3520, 13952, 18560]
    assert [block.output_shape for block in found.blocks[:3]] == [(8, 16, 16), (8, 16, 16), (16, 8, 8)]
    # One multiply-accumulate per weight of a convolution and place of its output.
    assert found.blocks[0].macs == 3 * 8 * 9 * 16 * 16
    assert found.blocks[1].macs == 2 * 8 * 8 * 9 * 16 * 16
    assert found.blocks[2].macs == (8 * 16 + 16 * 16) * 9 * 8 * 8
    assert found.latency > 0
    assert len({block.name for block in found.blocks}) == 5


def test_the_profile_leaves_the_number_of_threads_alone():
    before = torch.get_num_threads()
    profile(BackboneSpecification(), (16, 16))
    assert torch.get_num_threads() == before
    assert count_parameters(torch.nn.Linear(2, 3)) == 9
