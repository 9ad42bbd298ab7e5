"""Which functions a file from somebody else may name: its reader's own, and some that make an untrained network."""

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from core.backbones.builder import Builder
from core.backbones.torchvision_functions import is_known
from core.errors import BackboneError
from core.own_code.reference import is_reference

_SITE: Final = frozenset({"site-packages", "dist-packages"})
# Known by name, as they may be installed where a script runs but not where it is written.
_OTHERS: Final = frozenset(
    [
        "__main__",
        "__mp_main__",
        "app",
        "branchwise",
        "core",
        "cloudpickle",
        "click",
        "diffusers",
        "dill",
        "distutils",
        "ensurepip",
        "fastai",
        "huggingface_hub",
        "jax",
        "joblib",
        "keras",
        "lightning",
        "lightning_fabric",
        "mmcv",
        "mmengine",
        "monai",
        "numpy",
        "onnx",
        "onnxruntime",
        "open_clip",
        "pandas",
        "peft",
        "pip",
        "pkg_resources",
        "pytorch_lightning",
        "requests",
        "safetensors",
        "scipy",
        "sentence_transformers",
        "setuptools",
        "sklearn",
        "skimage",
        "streamlit",
        "tensorflow",
        "timm",
        "torch",
        "torchaudio",
        "torchtext",
        "torchvision",
        "transformers",
        "ultralytics",
        "wheel",
        "yaml",
    ]
)
TIMM: Final = "timm:create_model"
# Least and largest value of what a call of timm may say besides the network's name.
_TIMM_NUMBERS: Final[Mapping[str, tuple[float, float]]] = {
    "num_classes": (0, 25_000),
    "in_chans": (1, 64),
    "img_size": (1, 1024),
    "output_stride": (1, 64),
    "drop_rate": (0.0, 0.95),
    "drop_path_rate": (0.0, 0.95),
}
_TIMM_NAME: Final = "model_name"
# These choose weights or where they come from.
TIMM_WEIGHTS: Final = frozenset(
    ["pretrained", "checkpoint_path", "cache_dir", "pretrained_cfg", "pretrained_cfg_overlay"]
)

Literal = int | float | bool | str | None
Arguments = tuple[tuple[str, Literal], ...]


def foreign_call(function: str, arguments: Arguments) -> Arguments:
    """Return the arguments that a function may be called with whose name comes from somebody else.

    Nothing is imported. Weights that would be fetched or unpacked are left out, whatever was written.

    Args:
        function: ``MODULE:FUNCTION``.
        arguments: Keyword and value of each.

    Raises:
        BackboneError: The function may not be named, or an argument is not one of those it may have.

    >>> foreign_call("torchvision.models:resnet18", (("weights", "DEFAULT"),))
    (('weights', None),)
    """
    _check_written(function)
    if function == TIMM:
        return _of_timm(arguments)
    dotted = function.replace(":", ".")
    if is_known(dotted):
        return Builder(dotted, tuple(arguments)).arguments  # type: ignore[arg-type]  # which refuses words
    check_own(function)
    return arguments


def check_own(function: str) -> None:
    """Check that ``MODULE:FUNCTION`` is in a module of one's own, and in no installed package; nothing is imported.

    Raises:
        BackboneError: It is Python's, Branchwise's or an installed package's, or is written otherwise.
    """
    _check_written(function)
    top = function.partition(":")[0].partition(".")[0]
    if top in sys.stdlib_module_names or top in _OTHERS or _is_installed(top):
        whose = "one of Python's own" if top in sys.stdlib_module_names else f"of the package {top}"
        raise BackboneError(
            f"{function[:80]!r} is {whose}, which no file may name: it could fetch or run anything. "
            "Name a function of your own module that makes the network."
        )


def _check_written(function: str) -> None:
    if not is_reference(function):
        raise BackboneError(f"{function[:80]!r} should be MODULE:FUNCTION, as in my_module:make_network.")


def _is_installed(top: str) -> bool:
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError, AttributeError):
        return False
    if spec is None:
        return False
    places: Sequence[str] = [*(spec.submodule_search_locations or ()), *([spec.origin] if spec.origin else [])]
    return any(not _SITE.isdisjoint(Path(place).parts) for place in places)


def _of_timm(arguments: Arguments) -> Arguments:
    kept: list[tuple[str, Literal]] = []
    for name, value in arguments:
        if name in TIMM_WEIGHTS:
            continue
        least, most = _TIMM_NUMBERS.get(name, (1.0, 0.0))
        is_name = name == _TIMM_NAME and isinstance(value, str) and value.replace(".", "_").isidentifier()
        if not is_name and not (isinstance(value, int | float) and least <= value <= most):
            raise BackboneError(
                f"{TIMM} is given {name[:40]}={str(value)[:40]!r}, which no file may. "
                f"It may have {_TIMM_NAME}, {', '.join(_TIMM_NUMBERS)} within their usual ranges."
            )
        kept.append((name, value))
    return (*kept, ("pretrained", False))
