import pytest
import torch

from core.errors import BackboneError
from core.networks.small import small_residual
from core.networks.study_blocks import blocks_of, torchvision_blocks
from core.studies.specification import BackboneSpecification


def test_small_residual_by_name():
    found = blocks_of(BackboneSpecification(name="small-residual", width=4), (32, 32))
    assert [sum(p.numel() for p in block.parameters()) for block in found] == [
        sum(p.numel() for p in block.parameters()) for block in small_residual(4)
    ]


@pytest.mark.parametrize(("stem", "size"), [("small", 4), ("original", 1)])
def test_a_small_stem_keeps_small_pictures_large(stem, size):
    blocks = blocks_of(BackboneSpecification(name="torchvision:resnet18", blocks=4, stem=stem), (32, 32))
    x = torch.randn(2, 3, 32, 32)
    for block in blocks:
        x = block(x)
    assert len(blocks) == 4
    assert x.shape == (2, 512, size, size)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: blocks_of(BackboneSpecification(blocks=6), (32, 32)), "1 to 5 blocks, not 6"),
        (lambda: torchvision_blocks("resnet19", 4), 'no classification network "resnet19"'),
    ],
)
def test_what_is_not_there_is_refused(call, words):
    with pytest.raises(BackboneError, match=words):
        call()
