"""The numbers that a training computes with."""

from contextlib import AbstractContextManager, nullcontext

import torch

from core.runs.settings import TrainingSettings


def computing(settings: TrainingSettings, device: torch.device) -> AbstractContextManager[object]:
    """Return the context of one step: with ``bfloat16`` convolutions and products have fewer digits.

    Args:
        settings: Which numbers.
        device: Where it is computed.
    """
    if settings.precision == "float32":
        return nullcontext()
    # Nothing is cached: a step changes the weights.
    return torch.autocast(device.type, dtype=torch.bfloat16, cache_enabled=False)
