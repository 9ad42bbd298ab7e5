"""The public networks of ``tracing.py``: those of torchvision, timm and Hugging Face, with random weights."""

import re
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
import torchvision
from torch import Tensor, nn

# Of each of timm's files about this many networks are taken, evenly by name.
PER_FILE = 4
# What the names of deeper networks and larger pictures have in them: these repeat the layers of smaller ones.
_DEEP = re.compile(r"large|huge|giant|xl|base|_[lhg]_|10[01]|15[02]|20[01]|26[49]|_b[3-8]|_f[1-7]|384|448|512")
# Real numbers are computed for one network of a file, of up to this many parameters.
SMALL = 50_000_000
_SIDES = {"inception_v3": 128, "vit": 224, "maxvit": 224, "swin_v2": 64}
_DROPPING = ({"drop_rate": 0.1, "drop_path_rate": 0.1}, {"drop_path_rate": 0.1}, {"drop_rate": 0.1}, {})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One network.

    Args:
        source: Where it is from.
        name: Its name there.
        make: Returns the network and an example input.
        file: What it shares its code with.
    """

    source: str
    name: str
    make: Callable[[str], tuple[nn.Module, Tensor]]
    file: str = ""

    def made(self) -> tuple[nn.Module, Tensor]:
        """Return the network with random weights, and an example input of zeros."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.make(self.name)


def torchvision_networks() -> list[Candidate]:
    """Return all classifiers and segmentation networks of torchvision."""
    modules = (torchvision.models, torchvision.models.segmentation)
    names = [name for module in modules for name in torchvision.models.list_models(module=module)]
    return [Candidate("torchvision", name, _torchvision) for name in names]


def _torchvision(name: str) -> tuple[nn.Module, Tensor]:
    options: dict[str, Any] = {"weights": None}
    if name in torchvision.models.list_models(module=torchvision.models.segmentation):
        options["weights_backbone"] = None
    if name in ("googlenet", "inception_v3"):
        options["init_weights"] = False
    side = next((size for prefix, size in _SIDES.items() if name.startswith(prefix)), 64)
    return torchvision.models.get_model(name, **options), torch.zeros(2, 3, side, side)


def timm_networks() -> list[Candidate]:
    """Return networks from every file of timm, rather shallow ones."""
    import timm

    found = []
    for file in timm.list_modules():
        names = sorted(timm.list_models(module=file, include_tags=False))
        small = [name for name in names if not _DEEP.search(name)]
        names = small if len(small) >= PER_FILE else [*small, *(name for name in names if name not in small)][:PER_FILE]
        step = max(len(names) / PER_FILE, 1)
        chosen = dict.fromkeys(names[int(i * step)] for i in range(min(PER_FILE, len(names))))
        found += [Candidate("timm", name, _timm, file) for name in chosen]
    return found


def _timm(name: str) -> tuple[nn.Module, Tensor]:
    import timm

    # A few of them compute with the numbers of their weights as they are made.
    device = torch.get_default_device()
    for place in dict.fromkeys((device, torch.device("cpu"))):
        for options in _DROPPING:
            with suppress(TypeError, RuntimeError, NotImplementedError), place:
                model = timm.create_model(name, pretrained=False, **options)
                size = model.pretrained_cfg["input_size"]
                return model.to(device), torch.zeros(2, *size)
    raise RuntimeError(f"{name} can't be made.")


def small_networks(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return of each file the first network with at most ``SMALL`` parameters."""
    found: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.file not in found:
            with torch.device("meta"):
                size = sum(p.numel() for p in candidate.made()[0].parameters())
            if size <= SMALL:
                found[candidate.file] = candidate
    return list(found.values())


def huggingface_networks() -> list[Candidate]:
    """Return the vision networks of Hugging Face, made from small configurations."""
    return [Candidate("huggingface", name, _huggingface) for name in _SETTINGS]


_ENCODER = {"hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 64}
_DROPOUT = {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}
# Class → settings of its configuration.
_SETTINGS: dict[str, dict[str, Any]] = {
    "ViTModel": {**_ENCODER, **_DROPOUT, "image_size": 64},
    "ViTForImageClassification": {**_ENCODER, **_DROPOUT, "image_size": 64},
    "DeiTForImageClassification": {**_ENCODER, **_DROPOUT, "image_size": 64},
    "BeitForImageClassification": {**_ENCODER, **_DROPOUT, "image_size": 64, "drop_path_rate": 0.1},
    "Dinov2Model": {"hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4, "drop_path_rate": 0.1},
    "Dinov2ForImageClassification": {"hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4},
    "SwinModel": {"embed_dim": 16, "depths": [2, 2], "num_heads": [2, 4], "window_size": 4, "image_size": 64},
    "SwinForImageClassification": {"embed_dim": 16, "depths": [2, 2], "num_heads": [2, 4], "window_size": 4},
    "Swinv2Model": {"embed_dim": 16, "depths": [2, 2], "num_heads": [2, 4], "window_size": 4, "image_size": 64},
    "SegformerModel": {"hidden_sizes": [8, 16, 24, 32], "num_attention_heads": [1, 2, 3, 4]},
    "SegformerForSemanticSegmentation": {
        "hidden_sizes": [8, 16, 24, 32],
        "num_attention_heads": [1, 2, 3, 4],
        "decoder_hidden_size": 16,
    },
    "ConvNextModel": {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 2, 1], "drop_path_rate": 0.1},
    "ConvNextForImageClassification": {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 2, 1]},
    "ConvNextV2ForImageClassification": {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 2, 1]},
    "ResNetModel": {"embedding_size": 8, "hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 2, 1]},
    "ResNetForImageClassification": {"embedding_size": 8, "hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 2, 1]},
    "RegNetForImageClassification": {"embedding_size": 8, "hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 2, 1]},
    "MobileNetV2ForImageClassification": {"image_size": 64},
    "MobileViTForImageClassification": {"image_size": 64},
    "PoolFormerForImageClassification": {},
}


def _huggingface(name: str) -> tuple[nn.Module, Tensor]:
    import transformers

    kind = getattr(transformers, name)
    config = kind.config_class(**_SETTINGS[name])
    side = getattr(config, "image_size", 64)
    return kind(config), torch.zeros(2, 3, *((side, side) if isinstance(side, int) else side))


SOURCES: dict[str, Callable[[], list[Candidate]]] = {
    "torchvision": torchvision_networks,
    "huggingface": huggingface_networks,
    "timm": timm_networks,
}
