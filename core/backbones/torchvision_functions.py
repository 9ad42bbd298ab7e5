"""The functions of torchvision that a builder may name, and their arguments, listed so that torch need not be imported.

Every one returns an untrained network when its weight arguments are None. Others that look alike do not:
``get_model`` takes the name of any registered network, and detection networks fetch weights by default.
"""

from collections.abc import Mapping
from typing import Final

_FAMILIES: Final[Mapping[str, str]] = {
    "convnext": "base large small tiny",
    "densenet": "121 161 169 201",
    "efficientnet": "b0 b1 b2 b3 b4 b5 b6 b7 v2_l v2_m v2_s",
    "mnasnet": "0_5 0_75 1_0 1_3",
    "mobilenet": "v2 v3_large v3_small",
    "regnet": " ".join(
        [
            *("x_16gf", "x_1_6gf", "x_32gf", "x_3_2gf", "x_400mf", "x_800mf", "x_8gf"),
            *("y_128gf", "y_16gf", "y_1_6gf", "y_32gf", "y_3_2gf", "y_400mf", "y_800mf", "y_8gf"),
        ]
    ),
    "resnet": "18 34 50 101 152",
    "resnext": "50_32x4d 101_32x8d 101_64x4d",
    "shufflenet_v2": "x0_5 x1_0 x1_5 x2_0",
    "squeezenet": "1_0 1_1",
    "swin": "b s t v2_b v2_s v2_t",
    "vgg": "11 11_bn 13 13_bn 16 16_bn 19 19_bn",
    "vit": "b_16 b_32 h_14 l_16 l_32",
    "wide_resnet": "50_2 101_2",
}
# After these, a digit follows the name of the family directly.
_JOINED: Final = ("densenet", "mnasnet", "resnet", "resnext", "squeezenet", "vgg", "wide_resnet")

CLASSIFIERS: Final = frozenset(
    {"alexnet", "googlenet", "inception_v3", "maxvit_t"}
    | {
        f"{family}{'' if family in _JOINED else '_'}{member}"
        for family, members in _FAMILIES.items()
        for member in members.split()
    }
)
SEGMENTERS: Final = frozenset(
    {
        *("deeplabv3_mobilenet_v3_large", "deeplabv3_resnet101", "deeplabv3_resnet50"),
        *("fcn_resnet101", "fcn_resnet50", "lraspp_mobilenet_v3_large"),
    }
)
MODELS: Final = "torchvision.models"
SEGMENTATION: Final = "torchvision.models.segmentation"

# Arguments that choose weights to download, or how a download is shown.
WEIGHTS: Final = frozenset({"weights", "weights_backbone"})
FORMER_WEIGHTS: Final = frozenset({"pretrained", "pretrained_backbone"})
PROGRESS: Final = "progress"

# Least and largest value of every other argument, so that no network is made that fills the memory.
WHOLE_NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "num_classes": (1, 25_000),
    "width": (1, 256),
    "in_channels": (1, 64),
    "blocks": (1, 5),
    "width_per_group": (1, 256),
    "image_size": (1, 1024),
    "init_weights": (0, 1),
    "aux_logits": (0, 1),
    "aux_loss": (0, 1),
    "transform_input": (0, 1),
    "zero_init_residual": (0, 1),
}
DECIMALS: Final[Mapping[str, tuple[float, float]]] = {
    "width_mult": (0.05, 4.0),
    "dropout": (0.0, 0.95),
    "attention_dropout": (0.0, 0.95),
    "stochastic_depth_prob": (0.0, 0.95),
}


def is_known(function: str) -> bool:
    """Return whether a function is on the list.

    >>> is_known("torchvision.models.resnet18"), is_known("torchvision.models.get_model")
    (True, False)
    """
    package, _, name = function.rpartition(".")
    return (package == MODELS and name in CLASSIFIERS) or (package == SEGMENTATION and name in SEGMENTERS)
