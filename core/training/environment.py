"""Where a run is trained: device, threads, versions, and the instruction sets that were used."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
import torchvision

from core.errors import JobError
from core.runs.result import Environment
from core.runs.settings import TrainingSettings
from core.training.used_instructions import used_instructions


def device_of(settings: TrainingSettings) -> torch.device:
    """Return the device to train on: ``auto`` is the GPU where there is one.

    Raises:
        JobError: A GPU is requested and there is none, or not so many.
    """
    wanted, present = settings.device, torch.cuda.is_available()
    if wanted == "mps":
        if not torch.backends.mps.is_available():
            raise JobError('The study requests device "mps", but no Apple GPU is present. Write device = "auto".')
        return torch.device("mps")
    if wanted.startswith("cuda") and not present:
        raise JobError(f'The study requests device "{wanted}", but no CUDA device is present. Write device = "auto".')
    if wanted.startswith("cuda:") and int(wanted[5:]) >= (n := torch.cuda.device_count()):
        raise JobError(f'The study requests device "{wanted}", but the last of {n} is "cuda:{n - 1}". Write that.')
    return torch.device("cpu" if not present else "cuda" if wanted == "auto" else wanted)


def environment_of(device: torch.device, threads: int) -> Environment:
    """Return where a run is trained: device, processor, threads and versions."""
    versions = {"python": platform.python_version(), "torch": torch.__version__, "torchvision": torchvision.__version__}
    return Environment(
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        machine=machine(),
        threads=threads,
        versions=versions | {"numpy": np.__version__},
        instructions=used_instructions(),
    )


def machine() -> str:
    """Return operating system and processor."""
    return f"{platform.system()} {platform.machine()}, {_processor()}"


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Make torch compute with some number of threads inside."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
