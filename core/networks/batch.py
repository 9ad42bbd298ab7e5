"""Whether the first dimension of a network's inputs is the batch, as a cost per input needs."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.inputs import Inputs
from core.networks.outputs import tensors_of
from core.networks.recording import BATCHES
from core.networks.state import evaluating, seeded, unchanged
from core.networks.work import MacCounter

_CLOSE = 1e-3


def check_batch(model: nn.Module, inputs: Inputs, names: Sequence[str]) -> None:
    """Check that the first dimension of the inputs is the batch.

    It is not so where layers take another one for it, as recurrent layers and attention do
    unless they are told ``batch_first=True``. Then an output changes with the other inputs of
    a batch, and such a layer is there, no dimension is left for the batch, or the work does
    not grow with it in a line. Statistics over a batch alone are no such thing.

    Args:
        model: A network that runs.
        inputs: One call of it.
        names: The outputs that matter.

    Raises:
        BackboneError: The network takes another dimension for the batch.
    """
    pair, triple = (inputs.drawn(n, 0) for n in BATCHES)
    first, last = (_with_row(pair, inputs.drawn(BATCHES[0], 1), row) for row in (0, -1))
    runs = [_outputs(model, shown) for shown in (pair, first, last, triple)]
    for name in names:
        if not all(name in run for run in runs):
            continue
        both, more = runs[0][name], runs[-1][name]
        if _separate(*(run[name] for run in runs)):
            continue
        if any(map(_batch_second, model.modules())) or not _growing(both, more) or not _linear(model, inputs):
            shape = "×".join(map(str, both.shape))
            raise BackboneError(
                f"{type(model).__name__} mixes the inputs of a batch: it makes {shape} numbers of {BATCHES[0]} inputs, "
                "none of one input alone. The first dimension is the batch: give its layers batch_first=True, or swap "
                "dimensions before and after them."
            )


def _batch_second(module: nn.Module) -> bool:
    """Return whether a layer takes the second dimension for the batch."""
    return isinstance(module, nn.RNNBase | nn.MultiheadAttention) and not module.batch_first


def _linear(model: nn.Module, inputs: Inputs) -> bool:
    """Return whether the work of a network grows with the batch in a line."""
    counts = []
    for n in (1, *BATCHES):
        with MacCounter() as counter:
            try:
                _outputs(model, inputs.drawn(n, 0))
            except Exception:
                # Some only run on several.
                return True
        counts.append(counter.macs)
    one, two, three = counts
    return bool(one + three == 2 * two)


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
    return any(_same(both, first, dim, -1) and _same(both, last, dim, 0) for dim in _growing(both, more))


def _growing(both: Tensor, more: Tensor) -> list[int]:
    sizes = zip(both.shape, more.shape, strict=True)
    return [dim for dim, (size, grown) in enumerate(sizes) if size * BATCHES[1] == grown * BATCHES[0] and size]


def _same(a: Tensor, b: Tensor, dim: int, index: int) -> bool:
    if a.is_meta or not a.shape[dim]:
        return True
    one, two = a.select(dim, index), b.select(dim, index)
    if not one.is_floating_point():
        return torch.equal(one, two)
    one, two = one.double().nan_to_num(), two.double().nan_to_num()
    return torch.allclose(one, two, rtol=_CLOSE, atol=_CLOSE * float(one.abs().max()) if one.numel() else 0.0)
