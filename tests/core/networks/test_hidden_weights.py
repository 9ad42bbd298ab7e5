"""Weights that can't be counted are named in one sentence; all others are counted."""

import pytest
import torch
from torch import Tensor, nn
from torch.ao import quantization

from core.errors import BackboneError
from core.networks.tracing import detect
from tests.core.networks.rejoining import Chain, rejoined

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*torch.jit", "ignore:.*torch.ao.quantization", "ignore:.*reduce_range", "ignore:.*quantize"
)
X = torch.zeros(2, 3, 8, 8)


def stack() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 5, 3), nn.Flatten(), nn.Linear(80, 6))


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning", "ignore:.*torch.jit:DeprecationWarning")
def test_weights_that_cannot_be_counted_are_named() -> None:
    x = torch.zeros(2, 3, 8, 8)
    scripted = torch.jit.script(nn.Conv2d(3, 3, 1))
    found = rejoined(nn.Sequential(nn.Conv2d(3, 3, 1), scripted, nn.Conv2d(3, 3, 1)))
    assert [block.params for block in found.backbone.blocks] == [12, 12, 12]
    for whole in (scripted, torch.jit.trace(Chain(), x)):
        with pytest.raises(BackboneError, match="TorchScript"):
            detect(whole, x)
    with pytest.raises(BackboneError, match="frozen"):
        detect(nn.Sequential(nn.Conv2d(3, 3, 1), torch.jit.freeze(scripted.eval())), x)
    listed = Chain()
    listed.more = [nn.Conv2d(3, 3, 1)]
    with pytest.raises(BackboneError, match='"more"'):
        detect(listed, x)


def prepared(config: object, prepare: object) -> nn.Module:
    model = nn.Sequential(quantization.QuantStub(), *stack(), quantization.DeQuantStub())
    model.qconfig = config
    return prepare(model)


def converted() -> nn.Module:
    model = prepared(quantization.get_default_qconfig("x86"), lambda m: quantization.prepare(m.eval()))
    model(X)
    return quantization.convert(model)


class Whole(nn.Module):
    """Keeps its weights as whole numbers with a scale."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("numbers", torch.ones(6, 80, dtype=torch.int8))
        self.register_buffer("scale", torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.numbers.float() * self.scale)


class Packed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.numbers = torch.quantize_per_tensor(torch.ones(6, 80), 0.1, 0, torch.qint8)

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.numbers.dequantize().t()


def replaced(part: nn.Module) -> nn.Module:
    return nn.Sequential(*stack()[:4], part)


@pytest.mark.parametrize(
    "make",
    [
        lambda: quantization.quantize_dynamic(stack(), {nn.Linear}, dtype=torch.qint8),
        converted,
        lambda: replaced(Whole()),
        lambda: replaced(Packed()),
    ],
    ids=["dynamic", "static", "whole numbers", "packed"],
)
def test_quantised_weights_are_refused(make) -> None:
    with pytest.raises(BackboneError, match="quantised"):
        detect(make(), X)


@pytest.mark.parametrize(
    ("config", "prepare"),
    [
        (quantization.get_default_qconfig("x86"), lambda m: quantization.prepare(m.eval())),
        (quantization.get_default_qat_qconfig("x86"), lambda m: quantization.prepare_qat(m.train())),
    ],
    ids=["observed", "aware"],
)
def test_networks_on_the_way_to_quantisation_are_counted(config: object, prepare: object) -> None:
    model = prepared(config, prepare)
    before = {name: b.clone() for name, b in model.named_buffers()}
    found = detect(model, X).backbone
    assert found.params + found.head_params == sum(p.numel() for p in model.parameters())
    assert all(torch.equal(b, before[name]) for name, b in model.named_buffers())


def test_optimised_script_is_refused() -> None:
    part = torch.jit.optimize_for_inference(torch.jit.script(nn.Conv2d(4, 5, 3).eval()))
    with pytest.raises(BackboneError, match="frozen"):
        detect(nn.Sequential(stack()[0], part), X)


def test_exported_programs_are_refused() -> None:
    whole = torch.export.export(stack().eval(), (X,)).module()
    part = torch.export.export(nn.Conv2d(4, 5, 3).eval(), (torch.zeros(2, 4, 6, 6),)).module()
    for model in (whole, nn.Sequential(stack()[0], part)):
        with pytest.raises(BackboneError, match="exported program"):
            detect(model, X)


class Holder:
    def __init__(self, part: nn.Module) -> None:
        self.part = part


class Hiding(nn.Module):
    """Uses a layer that it does not own."""

    def __init__(self, how: str) -> None:
        super().__init__()
        layer = nn.Linear(80, 6)
        self.how, self.call, self.lists, self.holder = how, layer.forward, [[layer]], Holder(layer)
        self.weight = torch.ones(80, 6, requires_grad=True)

    def forward(self, x: Tensor) -> Tensor:
        ways = {"closure": self.call, "lists": self.lists[0][0], "object": self.holder.part}
        return ways[self.how](x) if self.how in ways else x @ self.weight


@pytest.mark.parametrize("how", ["closure", "lists", "object", "tensor"])
def test_weights_out_of_sight_are_named(how: str) -> None:
    with pytest.raises(BackboneError, match="belongs to none of its modules"):
        detect(replaced(Hiding(how)), X)


@pytest.mark.parametrize(
    "wrap", [nn.utils.parametrizations.weight_norm, nn.utils.parametrizations.spectral_norm], ids=["weight", "spectral"]
)
def test_parametrised_weights_are_counted(wrap) -> None:
    model = replaced(wrap(nn.Linear(80, 6)))
    found = detect(model, X).backbone
    assert found.params + found.head_params == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16])
def test_inputs_follow_the_precision_of_the_weights(kind: torch.dtype) -> None:
    found = detect(stack().to(kind), X)
    assert found.backbone.n_blocks == 2
    assert found.forward(X.to(kind)).dtype is kind
