"""Residual networks with an output stride of 8."""

import pytest
import torch
import torchvision

from core.networks.dilated_resnet import dilated_resnet
from core.networks.study_blocks import blocks_of
from core.studies.specification import BackboneSpecification


def test_with_bottlenecks_it_is_what_torchvision_dilates():
    torch.manual_seed(0)
    own = dilated_resnet("resnet50").eval()
    theirs = torchvision.models.resnet50(replace_stride_with_dilation=[False, True, True]).eval()
    theirs.load_state_dict(own.state_dict())
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(own(x), theirs(x))


@pytest.mark.parametrize(("name", "size"), [("dilated-resnet18", (8, 12)), ("torchvision:resnet18", (2, 3))])
def test_its_maps_are_an_eighth_of_the_picture(name, size):
    x = torch.zeros(1, 3, 64, 96)
    for block in blocks_of(BackboneSpecification(name=name, blocks=4, stem="original"), (64, 96)):
        x = block.eval()(x)
    assert tuple(x.shape[2:]) == size


def test_the_thin_vgg_has_the_blocks_of_its_paper():
    blocks = blocks_of(BackboneSpecification(name="thin-vgg16", width=32, blocks=15), (64, 64))
    assert sum(p.numel() for block in blocks for p in block.parameters()) == 216448
    assert len(blocks_of(BackboneSpecification(name="thin-vgg16", width=16, cuts=(3, 7, 13)), (64, 64))) == 4
