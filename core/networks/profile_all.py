"""Write the bundled profiles again: ``python -m core.networks.profile_all assets/backbones``."""

import sys
from dataclasses import replace
from pathlib import Path

import torch
import torchvision
from torch import nn

from core.backbones import Builder, write_profile
from core.networks.export import profile_of
from core.networks.small import small_residual
from core.networks.thin_vgg import thin_vgg16
from core.networks.tracing import detect

_PICTURE = (3, 224, 224)
# Random weights are never read: these only spare the time to draw them.
_UNDRAWN = {"googlenet": "(aux_logits=False, init_weights=False)", "inception_v3": "(init_weights=False)"}
_CLASSIFIERS = (
    *("alexnet", "convnext_small", "convnext_tiny", "densenet121", "densenet169", "efficientnet_b0"),
    *("efficientnet_b3", "efficientnet_v2_s", "googlenet", "inception_v3", "maxvit_t", "mnasnet1_0"),
    *("mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "regnet_x_400mf", "regnet_y_1_6gf"),
    *("regnet_y_400mf", "resnet101", "resnet152", "resnet18", "resnet34", "resnet50", "resnext50_32x4d"),
    *("shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "squeezenet1_0", "squeezenet1_1", "swin_s", "swin_t"),
    *("swin_v2_t", "vgg11", "vgg16", "vgg16_bn", "vgg19", "vit_b_16", "vit_b_32", "wide_resnet50_2"),
)
_SEGMENTERS = ("deeplabv3_resnet50", "deeplabv3_resnet101", "deeplabv3_mobilenet_v3_large")
SMALL_WIDTHS = (8, 16)
# Of Branched MTL's thin VGG-16 on the 40 attributes of CelebA.
THIN_WIDTHS, _ATTRIBUTES = (32, 60), 40


def profile_all(folder: Path) -> list[Path]:
    """Write the profiles of the common torchvision backbones and of the small residual nets.

    Args:
        folder: Target folder; created if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    builders = {name: f"torchvision.models.{name}{_UNDRAWN.get(name, '()')}" for name in _CLASSIFIERS}
    for name in _SEGMENTERS:
        builders[f"{name}_backbone"] = f"torchvision.models.segmentation.{name}(weights_backbone=None).backbone"
    written = [_write(folder, name, builder) for name, builder in builders.items()]
    own = [_write_small(folder, width) for width in SMALL_WIDTHS]
    return written + own + [_write_thin(folder, width) for width in THIN_WIDTHS]


def built(builder: Builder) -> nn.Module:
    """Return the torchvision network of a builder, with random weights."""
    models = torchvision.models.segmentation if builder.is_segmentation else torchvision.models
    network: nn.Module = getattr(models, builder.name)(**dict(builder.arguments))
    return network.get_submodule(builder.part)


def _write(folder: Path, name: str, builder: str) -> Path:
    with torch.random.fork_rng(devices=[]):
        network = built(Builder.parse(builder))
    side = (3, 299, 299) if name == "inception_v3" else _PICTURE
    found = detect(network, torch.zeros(1, *side), name=name, builder=builder)
    path = folder / f"{name}.json"
    path.write_text(write_profile(found.backbone) + "\n", encoding="utf-8")
    return path


def _write_small(folder: Path, width: int) -> Path:
    found = profile_of(
        small_residual(width),
        torch.zeros(1, 3, 32, 32),
        name=f"small residual, width {width}",
        builder=f"small_residual(width={width})",
    )
    path = folder / f"small_residual_{width}.json"
    path.write_text(write_profile(found) + "\n", encoding="utf-8")
    return path


def _write_thin(folder: Path, width: int) -> Path:
    names = [f"conv{stage}_{n + 1}" for stage, depth in enumerate((2, 2, 3, 3, 3), start=1) for n in range(depth)]
    found = profile_of(
        thin_vgg16(width),
        torch.zeros(1, *_PICTURE),
        name=f"thin VGG-16, width {width}",
        names=[*names, "fc6", "fc7"],
        builder=f"thin_vgg16(width={width})",
    )
    head = 2 * width * _ATTRIBUTES
    found = replace(found, head_params=head + _ATTRIBUTES, head_macs=head)
    path = folder / f"thin_vgg16_{width}.json"
    path.write_text(write_profile(found) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    for done in profile_all(Path(sys.argv[1] if len(sys.argv) > 1 else "assets/backbones")):
        sys.stdout.write(f"{done}\n")
