"""Whether a network treats the inputs of a batch one by one, as a cost per input needs."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.inputs import Inputs
from core.networks.outputs import tensors_of
from core.networks.recording import BATCHES
from core.networks.state import evaluating, seeded, unchanged

_CLOSE = 1e-3


def check_batch(model: nn.Module, inputs: Inputs, names: Sequence[str]) -> None:
    """Check that each input of a batch has an output that the other inputs do not change.

    It is not so where a layer takes another dimension for the batch: recurrent layers and
    attention do that unless they are told ``batch_first=True``.

    Args:
        model: A network that runs.
        inputs: One call of it.
        names: The outputs that matter.

    Raises:
        BackboneError: An output depends on several inputs of a batch, or has no dimension for them.
    """
    if any(map(_over_batch, model.modules())):
        return
    pair, triple = (inputs.drawn(n, 0) for n in BATCHES)
    first, last = (_with_row(pair, inputs.drawn(BATCHES[0], 1), row) for row in (0, -1))
    runs = [_outputs(model, shown) for shown in (pair, first, last, triple)]
    for name in names:
        if all(name in run for run in runs) and not _separate(*(run[name] for run in runs)):
            shape = "×".join(map(str, runs[0][name].shape))
            raise BackboneError(
                f"{type(model).__name__} mixes the inputs of a batch: it makes {shape} numbers of {BATCHES[0]} inputs, "
                "none of one input alone. The first dimension is the batch: give its layers "
                "batch_first=True, or swap dimensions before and after them."
            )


def _over_batch(module: nn.Module) -> bool:
    # These take statistics of the whole batch on purpose, and their work grows with it all the same.
    normalises = isinstance(module, nn.modules.batchnorm._BatchNorm) and module.running_mean is None
    return normalises or type(module).__module__.startswith("torch.ao.quantization")


def _outputs(model: nn.Module, shown: Inputs) -> Mapping[str, Tensor]:
    with unchanged(model), evaluating(model), seeded(model, 0), torch.no_grad():
        return tensors_of(shown.run(model))


def _with_row(shown: Inputs, other: Inputs, row: int) -> Inputs:
    size = shown.tensors[0].shape[0]
    changed = []
    for tensor, new in zip(shown.tensors, other.tensors, strict=True):
        tensor = tensor.clone()
        if tensor.dim() and tensor.shape[0] == size and not tensor.is_meta:
            tensor[row] = new[row]
        changed.append(tensor)
    return shown.with_tensors(changed)


def _separate(both: Tensor, first: Tensor, last: Tensor, more: Tensor) -> bool:
    """Return whether some dimension holds the batch: its ends change only with their own input."""
    if not both.shape == first.shape == last.shape or both.dim() != more.dim():
        # Its shape depends on the numbers: nothing to compare.
        return True
    for dim, (size, grown) in enumerate(zip(both.shape, more.shape, strict=True)):
        grows = size * BATCHES[1] == grown * BATCHES[0]
        if grows and _same(both, first, dim, -1) and _same(both, last, dim, 0):
            return True
    return False


def _same(a: Tensor, b: Tensor, dim: int, index: int) -> bool:
    if a.is_meta or not a.shape[dim]:
        return True
    one, two = a.select(dim, index), b.select(dim, index)
    if not one.is_floating_point():
        return torch.equal(one, two)
    one, two = one.double().nan_to_num(), two.double().nan_to_num()
    return torch.allclose(one, two, rtol=_CLOSE, atol=_CLOSE * float(one.abs().max()) if one.numel() else 0.0)
