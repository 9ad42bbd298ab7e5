"""Residual networks whose last stages keep the size of their maps, for tasks that answer per pixel."""

import torchvision
from torch import nn


def dilated_resnet(name: str = "resnet34") -> nn.Module:
    """Return a residual network of torchvision, untrained, with an output stride of 8 instead of 32.

    The strides of the last two stages are one, and their 3×3 convolutions are dilated by 2 and 4 instead, so each sees
    as much of the picture as before: the first block of a stage keeps the dilation of the stage before it.

    Args:
        name: Such as ``resnet18``, ``resnet34`` or ``resnet50``.

    Reference:
        Yu, Koltun and Funkhouser, Dilated Residual Networks; the encoders of multi-task work on scenes.
    """
    network: nn.Module = torchvision.models.get_model(name, weights=None)
    for stage, rate in (("layer3", 2), ("layer4", 4)):
        for layer in network.get_submodule(stage).modules():
            if not isinstance(layer, nn.Conv2d):
                continue
            # The convolution that had the stride works on the maps of the stage before.
            spread = rate // 2 if layer.stride == (2, 2) else rate
            layer.stride = (1, 1)
            if layer.kernel_size == (3, 3):
                layer.dilation = layer.padding = (spread, spread)
    return network
