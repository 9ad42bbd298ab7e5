"""A chain of blocks whose weights are shared under masks, with norms and biases for each task."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call


class MaskedChain(nn.Module):
    """The blocks of one task without their weights, which come from outside with every call.

    What has two dimensions or more, such as the weights of convolutions and linear layers, comes from outside. Norms
    with their statistics, and biases, are the chain's own.

    Args:
        blocks: They are copied.
    """

    def __init__(self, blocks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.chain = nn.Sequential(*copy.deepcopy([*blocks]))
        self.places: tuple[tuple[str, int], ...] = ()
        numbers: dict[int, int] = {}
        places = []
        for name, parameter in self.chain.named_parameters(remove_duplicate=False):
            if is_weight(parameter):
                places.append((name, numbers.setdefault(id(parameter), len(numbers))))
        for name, _ in places:
            module, _, attribute = name.rpartition(".")
            self.chain.get_submodule(module).register_parameter(attribute, None)
        self.places = tuple(places)

    def forward(self, x: Tensor, weights: Sequence[Tensor]) -> Tensor:
        """Return what the last block returns.

        Args:
            x: A batch of pictures.
            weights: As ``weights_of`` lists them.
        """
        given = {name: weights[number] for name, number in self.places}
        out: Tensor = functional_call(self.chain, given, (x,), tie_weights=False)
        return out


def is_weight(parameter: Tensor) -> bool:
    """Return whether tasks share a parameter under masks."""
    return parameter.ndim >= 2


def weights_of(blocks: Sequence[nn.Module]) -> list[Tensor]:
    """Return a copy of every weight of some blocks that is shared under masks, each once."""
    return [parameter.detach().clone() for parameter in nn.Sequential(*blocks).parameters() if is_weight(parameter)]


def largest(values: Tensor, among: Tensor, count: int) -> Tensor:
    """Return where the largest of some values are, as truth values of their shape; of equal ones the first.

    Args:
        values: Any shape.
        among: Which of them may be chosen.
        count: How many, at most as many as may be chosen.
    """
    flat = torch.where(among, values, -torch.inf).flatten()
    chosen = torch.zeros_like(flat, dtype=torch.bool)
    chosen[flat.argsort(descending=True, stable=True)[:count]] = True
    return chosen.reshape(values.shape)
