"""Where the head of a traced network starts: found, named or left out."""

import pytest
import torch
from torch import nn

from core.errors import BackboneError
from core.networks.tracing import detect
from tests.core.networks.constant import constant


@pytest.mark.parametrize(
    ("name", "first", "params"),
    [
        ("squeezenet1_1", "classifier", 513_000),
        ("mobilenet_v3_small", "classifier", 1_615_848),
        pytest.param("vgg11", "classifier", 123_642_856, marks=pytest.mark.slow),
        ("resnet18", "fc", 513_000),
    ],
)
def test_the_head_of_a_classifier_is_its_classifier(name: str, first: str, params: int) -> None:
    found = detect(constant(name), torch.zeros(1, 3, 64, 64))
    assert found.backbone.head_params == params
    assert all(key.startswith(first) for key in found.head.state_dict())


def test_the_head_can_be_named_or_left_out() -> None:
    model, x = constant("resnet18"), torch.zeros(1, 3, 64, 64)
    named = detect(model, x, head="layer4")
    assert named.backbone.blocks[-1].name == "layer3.1"
    assert named.backbone.params + named.backbone.head_params == 11_689_512
    assert detect(model, x, head="none").backbone.params == 11_689_512
    for wrong in ("conv1", "nowhere"):
        with pytest.raises(BackboneError, match=f'can\'t start at "{wrong}"'):
            detect(model, x, head=wrong)


def test_a_perceptron_keeps_all_but_its_last_layer() -> None:
    model = nn.Sequential(*(m for _ in range(4) for m in (nn.Linear(6, 6), nn.ReLU())), nn.Linear(6, 2))
    found = detect(model, torch.zeros(2, 6))
    assert [block.params for block in found.backbone.blocks] == [42] * 4
    assert found.backbone.head_params == 14
