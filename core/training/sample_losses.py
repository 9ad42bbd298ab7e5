"""The loss of a task sample by sample, as tournaments compare it."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.tasks import Task
from core.training.labelled import present
from core.training.losses import loss_of


def sample_losses(task: Task, output: Tensor, target: Tensor) -> NDArray[np.float32]:
    """Return the loss on every sample, ``[n_samples]``; NaN where a sample has no label.

    Args:
        task: What was predicted.
        output: What the head gave, ``[n_samples, …]``.
        target: Ground truth.
    """
    loss = loss_of(task, complete=False)
    with torch.no_grad():
        found = output.new_empty(len(target))
        for n in range(len(target)):
            found[n] = loss(output[n : n + 1], target[n : n + 1])
    values: NDArray[np.float32] = found.float().cpu().numpy()
    values[~present(task.kind, target).reshape(len(target), -1).any(dim=1).cpu().numpy()] = np.nan
    return values
