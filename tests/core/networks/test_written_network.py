"""The blocks of every backbone of a study are made again from their source, with the same tensors."""

import sys

import pytest
import torch

from core.networks.block_source import study_block_source
from core.networks.study_blocks import blocks_of
from core.own_code.permission import permitted
from core.studies.specification import BackboneSpecification

MODULE = "written_network_of_a_test"
TEXT = """
from torch import nn
from torch.nn import functional as F
def swish(x): return x * F.sigmoid(x)
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.one, self.two, self.fc = nn.Conv2d(3, width, 3), nn.Conv2d(width, width, 3), nn.Linear(width, 2)
    def forward(self, x):
        return self.fc(swish(self.two(swish(self.one(x)))).mean((2, 3)))
def make(width=4): return Net(width)
def listed(): return [nn.Conv2d(3, 4, 3), nn.Sequential(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4))]
def named(): return {"a": nn.Conv2d(3, 4, 3), "b": nn.Conv2d(4, 4, 3)}
"""


@pytest.mark.parametrize(
    "specification",
    [
        BackboneSpecification(name=f"{MODULE}:make", args={"width": 6}, blocks=2),
        BackboneSpecification(name=f"{MODULE}:listed", blocks=2),
        BackboneSpecification(name=f"{MODULE}:named", blocks=2),
        BackboneSpecification(name="timm:resnet18", blocks=3, stem="original"),
        BackboneSpecification(name="timm:vit_tiny_patch16_224", args={"depth": 2}, blocks=2),
        BackboneSpecification(name="thin-vgg16", width=8, blocks=3),
        BackboneSpecification(name="dilated-resnet18", blocks=3, stem="original"),
    ],
    ids=lambda specification: specification.name,
)
def test_its_source_makes_the_same_blocks(specification, tmp_path, monkeypatch):
    (tmp_path / f"{MODULE}.py").write_text(TEXT)
    size = (32, 32)
    with permitted([tmp_path]):
        source = study_block_source(specification, size)
        blocks = blocks_of(specification, size)
    assert source is not None
    assert "torchvision then downloads" not in source.start
    monkeypatch.syspath_prepend(str(tmp_path))
    known = {"__file__": str(tmp_path / "network.py"), "__name__": "network"}
    exec("\n".join([*source.imports, source.text]), known)  # what its readers run
    made = known["make_blocks"]()
    x = y = torch.randn(2, 3, *size)
    for block, own in zip(made, blocks, strict=True):
        block.load_state_dict(own.state_dict())
        with torch.no_grad():
            x, y = block.eval()(x), own.eval()(y)
    assert torch.equal(x, y)
    sys.modules.pop(MODULE, None)
