"""From the specification of a run to its result."""

import math
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
import torchvision
from torch import nn

from core.data import store
from core.data.dataset import Dataset
from core.errors import JobError
from core.networks.tree import TreeNetwork, count_parameters
from core.runs.result import Environment, RunResult, RunState, Split
from core.studies.specification import RunSpecification, TrainingSettings
from core.tasks import Task
from core.training.build import build
from core.training.loop import End, Outcome, Progress, Trainer, predict
from core.training.metrics import measure
from core.training.tensors import tensors_of

Metrics = dict[str, dict[str, float]]
_SPLITS: tuple[Split, ...] = ("validation", "test")


def run(
    specification: RunSpecification,
    *,
    data: Dataset | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    checkpoint: Path | None = None,
    keep: Callable[[TreeNetwork], None] | None = None,
) -> RunResult:
    """Train the network a specification asks for and measure it on validation and test samples.

    The same specification gives the same result on the same machine and versions (CPU).

    Args:
        specification: What to train.
        data: The data set of ``specification.dataset``, where it is loaded already.
        progress: Called about every 50 steps with steps made, steps in all, and mean losses.
        should_stop: Asked every few steps; true ends the training as cancelled.
        checkpoint: File to go on from where it exists; removed when the run is done.
        keep: Called with the trained network where the run is done.

    Raises:
        JobError: The device asked for is not there.
        BranchwiseError: The data set has no such task, or the backbone can't be built.
    """
    started = time.perf_counter()
    device = device_of(specification.training)
    dataset = store.load(specification.dataset) if data is None else data
    tasks = tuple(dataset.task(name) for name in specification.tasks)
    with threads(specification.training.threads):
        trainer, outcome = train(
            specification, dataset, device, progress=progress, should_stop=should_stop, checkpoint=checkpoint
        )
        state, sentence = _ending(outcome, trainer.n_steps)
        metrics = evaluate(outcome.network, dataset, tasks, device) if state is RunState.DONE else {}
    if any(
        not math.isfinite(value) for split in metrics.values() for task in split.values() for value in task.values()
    ):
        state, sentence, metrics = RunState.FAILED, "A metric is not a number. Try a lower learning rate.", {}
    assert isinstance(outcome.network, TreeNetwork)
    if keep is not None and state is RunState.DONE:
        keep(outcome.network)
    if state is not RunState.CANCELLED and checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    return RunResult(
        state=state,
        sentence=sentence,
        metrics=metrics,
        curve=tuple(outcome.curve),
        steps=outcome.step,
        seconds=time.perf_counter() - started,
        params=count_parameters(trainer.network),
        head_params=count_parameters(outcome.network.heads),
        environment=environment_of(device, specification.training.threads),
    )


def train(
    specification: RunSpecification,
    dataset: Dataset,
    device: torch.device,
    *,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    checkpoint: Path | None = None,
) -> tuple[Trainer, Outcome]:
    """Train the network a specification asks for; give its trainer and what the training left behind.

    Args:
        specification: What to train.
        dataset: The data set of ``specification.dataset``.
        device: Where to train.
        progress: As for ``run``.
        should_stop: As for ``run``.
        checkpoint: File to go on from where it exists; it is left there.

    Raises:
        BranchwiseError: The data set has no such task, or the backbone can't be built.
    """
    tasks = tuple(dataset.task(name) for name in specification.tasks)
    network = build(specification.backbone, specification.tree, tasks, dataset.size, specification.seed)
    network = network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    trainer = Trainer(
        network,
        tasks,
        specification.training,
        specification.seed,
        train=tensors_of(dataset, "train", tasks, device),
        validation=tensors_of(dataset, "validation", tasks, device),
    )
    return trainer, trainer.run(progress=progress, should_stop=should_stop, checkpoint=checkpoint)


def evaluate(
    network: nn.Module, dataset: Dataset, tasks: tuple[Task, ...], device: torch.device
) -> dict[Split, Metrics]:
    """Give split → task → metric → value of a trained tree network.

    Args:
        network: In evaluation mode afterwards.
        dataset: Its validation and test samples are used.
        tasks: One for each head.
        device: Where the network is.
    """
    found: dict[Split, Metrics] = {}
    for split in _SPLITS:
        data = tensors_of(dataset, split, tasks, device)
        answers = zip(tasks, predict(network, data), data.targets, strict=True)
        found[split] = {task.name: measure(task, output, target) for task, output, target in answers}
    return found


def device_of(settings: TrainingSettings) -> torch.device:
    """Give the device to train on: ``auto`` is the graphics card where there is one.

    Raises:
        JobError: A graphics card is asked for and there is none.
    """
    present = torch.cuda.is_available()
    if settings.device == "cuda" and not present:
        raise JobError('The study asks for device "cuda", but no CUDA device is present. Write device = "auto".')
    return torch.device("cuda" if present and settings.device != "cpu" else "cpu")


def environment_of(device: torch.device, threads: int) -> Environment:
    """Give where a run is trained: device, processor, threads and versions."""
    versions = {"python": platform.python_version(), "torch": torch.__version__, "torchvision": torchvision.__version__}
    return Environment(
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        machine=f"{platform.system()} {platform.machine()}, {_processor()}",
        threads=threads,
        versions=versions | {"numpy": np.__version__},
    )


def _ending(outcome: Outcome, n_steps: int) -> tuple[RunState, str]:
    if outcome.end is End.DIVERGED:
        return (
            RunState.FAILED,
            f"The loss became not-a-number at step {outcome.step} of {n_steps}. Try a lower learning rate.",
        )
    if outcome.end is End.STOPPED:
        return RunState.CANCELLED, f"Cancelled after {outcome.step} of {n_steps} steps."
    if outcome.step < n_steps:
        return RunState.DONE, f"Stopped early after {outcome.step} of {n_steps} steps: validation no longer improved."
    return RunState.DONE, ""


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
