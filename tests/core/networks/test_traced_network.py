"""The backbones of a study that are no part of Branchwise."""

import pytest
import torch
from pydantic import ValidationError

from core.errors import BackboneError, BranchwiseError, CodeError
from core.networks.study_blocks import blocks_of
from core.networks.traced_network import traced_backbone
from core.own_code.permission import permitted
from core.studies.specification import BackboneSpecification

MODULE = "network_of_a_test"
TEXT = """
import random
import numpy
import torch
from torch import nn
def mixed():
    net = make()
    with torch.no_grad():
        net[0][0].bias.fill_(numpy.random.random() + random.random())
    return net
def make(width=4, depth=3):
    body = [nn.Sequential(nn.Conv2d(3 if i == 0 else width, width, 3, padding=1), nn.ReLU()) for i in range(depth)]
    return nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))
def listed(): return [nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)]
ready = make()
def number(): return 3
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / f"{MODULE}.py").write_text(TEXT)
    with permitted([tmp_path]):
        yield tmp_path


def shape_of(blocks, size=32):
    x = torch.zeros(2, 3, size, size)
    for block in blocks:
        x = block(x)
    return tuple(x.shape)


def own(name="make", **more):
    return BackboneSpecification(name=f"{MODULE}:{name}", **more)


@pytest.mark.usefixtures("root")
def test_an_own_network_is_cut_into_the_blocks_wanted():
    blocks = blocks_of(own(args={"width": 6, "depth": 4}, blocks=3), (32, 32))
    assert len(blocks) == 3
    assert shape_of(blocks) == (2, 6, 32, 32)
    assert len(blocks_of(own("listed", blocks=2), (32, 32))) == 2


@pytest.mark.parametrize("name", ["make", "mixed"])
@pytest.mark.usefixtures("root")
def test_its_weights_are_those_of_a_seed_whoever_draws_them_and_whatever_its_import_draws(name):
    def weights(seed):
        torch.manual_seed(seed)
        blocks = blocks_of(own(name, blocks=2), (32, 32))
        return torch.cat([p.flatten() for block in blocks for p in block.parameters()])

    assert torch.equal(weights(0), weights(0))
    assert not torch.equal(weights(0), weights(1))


@pytest.mark.usefixtures("root")
def test_cuts_by_number_or_name_start_the_blocks():
    whole = traced_backbone(own(args={"depth": 5}, blocks=5), (32, 32)).backbone
    for cuts in ((1, 4), (whole.blocks[1].name, 4)):
        found = traced_backbone(own(args={"depth": 5}, cuts=cuts), (32, 32)).backbone
        assert [block.params for block in found.blocks] == [block.params for block in whole.merged([0, 1, 4]).blocks]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"cuts": (2, 9)}, "has the blocks 0 to 2"),
        ({"cuts": ("5",)}, 'No block of .* is called "5"'),
        ({"cuts": (2, "1")}, "should rise"),
        ({"name": f"{MODULE}:ready"}, "makes a new network at every call"),
        ({"name": f"{MODULE}:number"}, "makes no network"),
        ({"args": {"depth": "many"}}, "Check its args"),
    ],
)
@pytest.mark.usefixtures("root")
def test_what_can_not_be_made_is_a_sentence(more, words):
    with pytest.raises(BranchwiseError, match=words):
        blocks_of(BackboneSpecification(**{"name": f"{MODULE}:make", "blocks": 2} | _with_blocks(more)), (32, 32))


def _with_blocks(more):
    return more | ({"blocks": len(more["cuts"]) + 1} if "cuts" in more else {})


@pytest.mark.usefixtures("root")
def test_timm_is_made_untrained_for_the_size_of_the_pictures():
    blocks = blocks_of(BackboneSpecification(name="timm:resnet10t", blocks=3), (16, 16))
    assert shape_of(blocks, 16)[:2] == (2, 512)
    blocks = blocks_of(BackboneSpecification(name="timm:vit_tiny_patch16_224", args={"depth": 3}, blocks=3), (48, 48))
    assert shape_of(blocks, 48) == (2, 10, 192)


@pytest.mark.parametrize(
    ("name", "args", "words"),
    [
        ("timm:resnet19", {}, "has no network"),
        ("timm:resnet18", {"pretrained": True}, "without trained weights"),
        ("timm:resnet18", {"checkpoint_path": "/tmp/x"}, "without trained weights"),
        ("timm:resnet18", {"wide": 3}, "can't be made"),
    ],
)
@pytest.mark.usefixtures("root")
def test_timm_says_what_it_has_not(name, args, words):
    with pytest.raises(BackboneError, match=words):
        blocks_of(BackboneSpecification(name=name, args=args, blocks=2), (32, 32))


@pytest.mark.parametrize("name", ["timm:resnet18", f"{MODULE}:make"])
def test_without_permission_nothing_is_made(name):
    with pytest.raises(CodeError, match="only run where the owner"):
        blocks_of(BackboneSpecification(name=name, blocks=2), (32, 32))


@pytest.mark.parametrize(
    "document",
    [
        {"name": "os:system"},
        {"name": "hf-hub:x"},
        {"name": "timm:hf-hub/x"},
        {"name": "app:main"},
        {"name": "net:make", "args": {"x": float("inf")}},
        {"name": "net:make", "args": {"x": "y" * 20_000}},
        {"name": "net:make", "args": {f"a{i}": 1 for i in range(60)}},
        {"name": "net:make", "args": {"not a name": 1}},
        {"name": "net:make", "cuts": [3, 2]},
        {"name": "net:make", "cuts": [0]},
        {"name": "net:make", "cuts": ["a", "a"]},
        {"name": "net:make", "cuts": [1, 2], "blocks": 5},
        {"name": "net:make", "code": "../x"},
        {"name": "torchvision:resnet18", "args": {"width": 2}},
        {"cuts": [1]},
    ],
)
def test_a_specification_that_means_nothing_is_refused(document):
    with pytest.raises(ValidationError):
        BackboneSpecification.model_validate(document)


def test_cuts_count_the_blocks():
    assert BackboneSpecification(name="net:make", cuts=(1, "layer3")).blocks == 3
