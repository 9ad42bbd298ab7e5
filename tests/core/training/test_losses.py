import pytest
import torch
from torch.nn import functional

from core.tasks import Kind
from core.training.losses import LOSSES, depth, normals


@pytest.fixture
def directions():
    generator = torch.Generator().manual_seed(0)
    target = functional.normalize(torch.randn(2, 3, 5, 5, generator=generator), dim=1)
    return torch.randn(2, 3, 5, 5, generator=generator), target


def test_normals_is_one_minus_cosine(directions):
    output, target = directions
    expected = 1 - functional.cosine_similarity(output, target, dim=1).mean()
    torch.testing.assert_close(normals(output, target), expected)
    torch.testing.assert_close(normals(7 * output, target), expected)


def test_normals_of_a_zero_answer_has_a_finite_gradient(directions):
    output = torch.zeros_like(directions[0], requires_grad=True)
    normals(output, directions[1]).backward()
    assert torch.isfinite(output.grad).all()


def test_depth_compares_logarithms():
    truth = torch.tensor([1.0, 2.0, 4.0]).reshape(1, 1, 1, 3)
    assert depth((2 * truth).log(), truth).item() == pytest.approx(0.6931472)
    assert depth(truth.log(), truth).item() == 0


def test_every_kind_has_a_loss_that_is_smaller_for_the_right_answer():
    labels = torch.tensor([[1.0, 0.0]])
    right = {
        Kind.CLASSIFICATION: (torch.tensor([[9.0, 0.0]]), torch.tensor([0])),
        Kind.MULTI_LABEL: (torch.tensor([[9.0, -9.0]]), labels),
        Kind.SEGMENTATION: (torch.tensor([9.0, 0.0]).reshape(1, 2, 1, 1), torch.zeros(1, 1, 1, dtype=torch.int64)),
        Kind.NORMALS: (torch.tensor([0.0, 0, 2]).reshape(1, 3, 1, 1), torch.tensor([0.0, 0, 1]).reshape(1, 3, 1, 1)),
        Kind.DEPTH: (torch.full((1, 1, 1, 1), 1.0), torch.full((1, 1, 1, 1), 2.718281828)),
        Kind.REGRESSION: (torch.tensor([[3.0]]), torch.tensor([[3.0]])),
        Kind.ORDINAL: (torch.tensor([[9.0, 0.0, -9.0]]), torch.tensor([0])),
        Kind.REGRESSION_MAP: (torch.full((1, 1, 1, 1), 0.5), torch.full((1, 1, 1, 1), 0.5)),
    }
    assert right.keys() == LOSSES.keys() == set(Kind)
    for kind, (output, target) in right.items():
        assert 0 <= LOSSES[kind](output, target) < LOSSES[kind](-output, target)
        assert LOSSES[kind](output, target) < 1e-3
