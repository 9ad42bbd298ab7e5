"""Operators that multiply and add are counted, or refused in a sentence: none counts as nothing."""

import pytest
import torch
import torchvision
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.tracing import detect
from core.networks.work import MacCounter

A, B, ROWS = 5, 6, 3


def counted(run) -> int:
    with torch.no_grad(), MacCounter() as counter:
        run()
    return counter.macs


def deformed() -> None:
    layer = torchvision.ops.DeformConv2d(4, 6, 3, groups=2)
    layer(torch.ones(1, 4, 8, 8), torch.zeros(1, 18, 6, 6))


def attended() -> None:
    """As in torchvision's transformers: four projections of 5 tokens of width 8, and two products of them."""
    tokens = torch.ones(1, 5, 8)
    nn.MultiheadAttention(8, 2, batch_first=True).eval()(tokens, tokens, tokens, need_weights=False)


@pytest.mark.parametrize(
    ("run", "macs"),
    [
        (attended, 4 * 5 * 8 * 8 + 2 * 5 * 5 * 8),
        (deformed, 6 * 6 * 6 * 2 * 9),
        (lambda: nn.Bilinear(A, B, 7)(torch.ones(ROWS, A), torch.ones(ROWS, B)), ROWS * 7 * A * (B + 1)),
        (lambda: torch.ones(A, B) @ torch.ones(B), A * B),
        (lambda: torch.addmv(torch.ones(A), torch.ones(A, B), torch.ones(B)), A * B),
        (lambda: torch.ones(A) @ torch.ones(A), A),
        (lambda: torch.cdist(torch.ones(A, B), torch.ones(ROWS, B)), A * B * ROWS),
        (lambda: torch.cdist(torch.ones(A, B), torch.ones(50, B)), A * B * 50),
        (lambda: torch.conv_tbc(torch.ones(7, 2, A), torch.ones(3, A, B), torch.ones(B)), 5 * 2 * B * 3 * A),
        (lambda: torch.ones(A, ROWS).addmm_(torch.ones(A, B), torch.ones(B, ROWS)), A * B * ROWS),
        (lambda: torch.ones(2, A, ROWS).baddbmm_(torch.ones(2, A, B), torch.ones(2, B, ROWS)), 2 * A * B * ROWS),
        (lambda: torch.addbmm(torch.ones(A, ROWS), torch.ones(2, A, B), torch.ones(2, B, ROWS)), 2 * A * B * ROWS),
        (lambda: torch.einsum("ab,cb->ac", torch.ones(A, B), torch.ones(ROWS, B)), A * B * ROWS),
    ],
    ids=[
        *("attention", "deformable", "bilinear", "mv", "addmv", "dot", "cdist", "far cdist", "tbc"),
        *("addmm_", "baddbmm_", "addbmm", "einsum"),
    ],
)
def test_work_of_operators_is_that_of_their_definition(run, macs: int) -> None:
    assert counted(run) == macs


class Ending(nn.Module):
    """A layer, then a step that somebody wrote by hand."""

    def __init__(self, step, **weights: object) -> None:
        super().__init__()
        self.first, self.step, self.last = nn.Linear(A, B), step, nn.LazyLinear(2)
        for name, value in weights.items():
            setattr(self, name, value)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.step(self, self.first(x).relu()))


def totals(model: nn.Module) -> tuple[int, int]:
    found = detect(model, torch.zeros(1, A)).backbone
    return found.params + found.head_params, found.macs + found.head_macs


def matrix(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.randn(*shape))


@pytest.mark.parametrize(
    ("step", "macs"),
    [
        (lambda m, x: x @ m.w, B * 4),
        (lambda m, x: torch.einsum("bi,ij->bj", x, m.w), B * 4),
        (lambda m, x: (x[..., None] * m.w).sum(-2), B * 4),
        (lambda m, x: torch.cdist(x, m.w.t()), B * 4),
        (lambda m, x: nn.functional.bilinear(x, x, m.w.t()[:, :, None].expand(4, B, B)), 4 * B * (B + 1)),
        (lambda m, x: x * m.w.sum(1), 0),
    ],
    ids=["matmul", "einsum", "broadcast", "cdist", "bilinear", "scale"],
)
def test_steps_written_by_hand_are_counted(step, macs: int) -> None:
    model = Ending(step, w=matrix(B, 4))
    width = B if macs == 0 else 4
    assert totals(model) == (sum(p.numel() for p in model.parameters()), A * B + macs + 2 * width)


KEPT = torch.randn(B, 4)


@pytest.mark.parametrize(
    ("step", "weights"),
    [
        (lambda m, x: x @ m.w, {"w": torch.randn(B, 4)}),
        (lambda m, x: nn.functional.linear(x, m.w.t() / m.w.norm()), {"w": torch.randn(B, 4)}),
        (lambda m, x: x @ m.held["w"][0], {"held": {"w": [torch.randn(B, 4)]}}),
        (lambda _, x: x @ KEPT, {}),
        (lambda m, x: (x[..., None] * m.w).sum(-2), {"w": torch.randn(B, 4)}),
    ],
    ids=["attribute", "derived", "nested", "global", "broadcast"],
)
def test_plain_tensors_as_weights_are_named(step, weights: dict[str, object]) -> None:
    with pytest.raises(BackboneError, match=r"plain tensor of \[6, 4\]"):
        totals(Ending(step, **weights))


def test_fixed_filters_and_constants_are_no_weights() -> None:
    fixed = Ending(lambda m, x: x @ m.w)
    fixed.register_buffer("w", torch.randn(B, 4))
    assert totals(fixed)[1] == A * B + B * 4 + 4 * 2
    totals(Ending(lambda m, x: x + m.shift, shift=torch.ones(B)))
    totals(Ending(lambda _, x: x @ torch.eye(B)))


@pytest.mark.parametrize("attribute", ["parameter", "buffer"])
def test_sparse_tensors_are_named(attribute: str) -> None:
    model = Ending(lambda m, x: torch.sparse.mm(m.w, x.t()).t())
    sparse = torch.eye(B).to_sparse()
    if attribute == "buffer":
        model.register_buffer("w", sparse)
    else:
        model.w = nn.Parameter(sparse)
    with pytest.raises(BackboneError, match="sparse"):
        totals(model)


@torch.library.custom_op("branchwise_test::product", mutates_args=())
def product(x: Tensor, w: Tensor) -> Tensor:
    return x @ w


def test_operators_of_other_libraries_are_named() -> None:
    with pytest.raises(BackboneError, match=r"branchwise_test\.product.*can't be counted"):
        totals(Ending(lambda m, x: product(x, m.w), w=matrix(B, 4)))


def test_weights_computed_with_outside_of_torch_are_named() -> None:
    def leave(m: nn.Module, x: Tensor) -> Tensor:
        return torch.from_numpy(x.detach().numpy() @ m.w.detach().numpy())

    for w in (matrix(B, 4), torch.randn(B, 4)):
        with pytest.raises(BackboneError, match="outside of torch"):
            totals(Ending(leave, w=w))
    arrays = Ending(lambda m, x: torch.from_numpy(x.detach().numpy() @ m.w), w=torch.randn(B, 4).numpy())
    with pytest.raises(BackboneError, match="outside of torch"):
        totals(arrays)
