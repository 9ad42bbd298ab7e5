"""What runs on this machine are computed with, found without torch, which takes seconds to import."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.jobs.instructions import expected_instructions
from core.runs.arithmetic import ANY_CARD, TORCH, Arithmetic
from core.runs.settings import TrainingSettings

# One entry for every card, where the driver is loaded.
_CARDS = Path("/proc/driver/nvidia/gpus")


def graphics_cards() -> int:
    """Return the number of NVIDIA GPUs of this machine."""
    return len(list(_CARDS.iterdir())) if _CARDS.is_dir() else 0


def arithmetic_here(settings: TrainingSettings) -> Arithmetic:
    """Return how a worker of this machine computes a run, as far as it is known beforehand.

    Args:
        settings: Of the run.
    """
    if settings.device.startswith("cuda") or (settings.device == "auto" and graphics_cards()):
        return Arithmetic(ANY_CARD, _torch_version())
    return Arithmetic("cpu", _torch_version(), tuple(expected_instructions(chosen=settings.instructions).items()))


@cache
def _torch_version() -> str:
    try:
        return version(TORCH).partition("+")[0]
    except PackageNotFoundError:
        return ""
