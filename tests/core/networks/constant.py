"""Networks of torchvision whose weights don't matter."""

import torch
import torchvision
from torch import nn


def constant(name: str) -> nn.Module:
    """Return a network whose weights are all the same: drawing a hundred million of them takes seconds."""
    with torch.device("meta"):
        model = torchvision.models.get_model(name, weights=None)
    model.to_empty(device="cpu").eval()
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.fill_(1)
    return model
