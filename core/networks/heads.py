"""Light heads: what follows the last block of a task, never shared."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.errors import BackboneError
from core.tasks import Kind, Task

HIDDEN = 16


class Bilinear(nn.Module):
    """Bilinear up-sampling between two fixed sizes, as two small matrix products.

    The same numbers as ``torch.nn.functional.interpolate(…, align_corners=False)`` in a third
    of the time on small pictures, where this would be a tenth of a training.

    Args:
        before: Height and width that come in.
        after: Height and width that go out.
    """

    down: Tensor
    across: Tensor

    def __init__(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        super().__init__()
        self.register_buffer("down", _weights(before[0], after[0]), persistent=False)
        self.register_buffer("across", _weights(before[1], after[1]).T.contiguous(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[n, channels, *after]`` of ``[n, channels, *before]``."""
        return self.down @ (x @ self.across)


class DenseHead(nn.Module):
    """Two 3×3 convolutions and bilinear up-sampling to the size of the picture.

    Args:
        inputs: Channels, height and width of the output of the last block.
        outputs: Channels of the answer.
        size: Height and width of the answer.
        hidden: Channels between the two convolutions.
    """

    def __init__(
        self, inputs: tuple[int, int, int], outputs: int, size: tuple[int, int], *, hidden: int = HIDDEN
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(inputs[0], hidden, 3, padding=1), nn.ReLU(), nn.Conv2d(hidden, outputs, 3, padding=1)
        )
        self.enlarge = Bilinear(inputs[1:], size)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[n, outputs, height, width]``."""
        enlarged: Tensor = self.enlarge(self.layers(x))
        return enlarged


class ClassificationHead(nn.Module):
    """Global average pooling and one linear layer.

    Args:
        inputs: Channels of the last block.
        outputs: Number of classes or labels.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[n, outputs]``."""
        scores: Tensor = self.linear(x.mean(dim=(2, 3)) if x.ndim == 4 else x)
        return scores


def head_of(task: Task, inputs: tuple[int, ...], size: tuple[int, int]) -> nn.Module:
    """Return the head for the kind of a task, with torch's present random numbers.

    Args:
        task: What to predict.
        inputs: Shape of the output of the last block, without the batch.
        size: Height and width of the pictures.

    Raises:
        BackboneError: The task predicts an answer per pixel and the last block gives no map.
    """
    if task.kind in (Kind.CLASSIFICATION, Kind.MULTI_LABEL):
        return ClassificationHead(inputs[0], task.n_outputs)
    if len(inputs) != 3:
        raise BackboneError(
            f'Task "{task.name}" answers per pixel, but the last block gives the shape {list(inputs)}. '
            "Choose a backbone that ends in maps [channels, height, width]."
        )
    return DenseHead((inputs[0], inputs[1], inputs[2]), task.n_outputs, size)


def _weights(before: int, after: int) -> Tensor:
    columns = functional.interpolate(torch.eye(before)[None], size=after, mode="linear", align_corners=False)
    return columns[0].T.contiguous()
