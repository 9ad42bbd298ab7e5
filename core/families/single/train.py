"""Train one network from its run, and measure it."""

import time
from collections.abc import Callable
from pathlib import Path

import torch

from core.data import store
from core.data.dataset import Dataset
from core.families.single.one_set import OneSetRun
from core.families.single.runs import NetworkRun
from core.networks.export import to_bytes
from core.networks.tree import TreeNetwork, count_parameters
from core.runs.result import RunResult, RunState
from core.training.build import build
from core.training.environment import device_of, environment_of, threads
from core.training.evaluation import NOT_FINITE, Evaluation, evaluate, preprocessing_of
from core.training.loop import End, Outcome, Progress, Trainer
from core.training.tensors import tensors_of
from core.training.workplace import Workplace


def train_run(run: NetworkRun, place: Workplace) -> tuple[RunResult, bytes | None]:
    """Return the result of a run and its trained weights as a safetensors file; None unless they are wanted.

    Args:
        run: What to train.
        place: Where data and checkpoints are, and who receives progress.
    """
    kept: list[bytes] = []
    result = train_network(
        run,
        data=place.data(run.dataset),
        progress=place.progress,
        should_stop=place.should_stop,
        checkpoint=place.checkpoint(run.key),
        keep=(lambda network: kept.append(to_bytes(network))) if place.keep_weights else None,
    )
    return result, kept[0] if kept else None


def train_network(
    specification: NetworkRun,
    *,
    data: Dataset | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    checkpoint: Path | None = None,
    keep: Callable[[TreeNetwork], None] | None = None,
) -> RunResult:
    """Train the network a specification describes and measure it on validation and test samples.

    The same specification gives the same result on the same machine and versions (CPU).

    Args:
        specification: What to train.
        data: The data set of ``specification.dataset``, where it is loaded already.
        progress: Called about every 50 steps with steps made, steps in all, and mean losses.
        should_stop: Called every few steps; true stops the training as cancelled.
        checkpoint: File to continue from if it exists; removed when the run is done.
        keep: Called with the trained network where the run is done.

    Raises:
        JobError: The requested device does not exist.
        BranchwiseError: The data set has no such task, or the backbone can't be built.
    """
    dataset = store.load(specification.dataset) if data is None else data
    tasks = tuple(dataset.task(name) for name in specification.tasks)
    network = build(specification.backbone, specification.tree, tasks, dataset.size, specification.seed)
    return train_tree(
        network, specification, dataset, progress=progress, should_stop=should_stop, checkpoint=checkpoint, keep=keep
    )


def train_tree(
    network: TreeNetwork,
    run: OneSetRun,
    dataset: Dataset,
    *,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    checkpoint: Path | None = None,
    keep: Callable[[TreeNetwork], None] | None = None,
    make: Callable[..., Trainer] = Trainer,
) -> RunResult:
    """Train a tree network and measure it on validation and test samples.

    Args:
        network: Untrained.
        run: On which tasks, and how.
        dataset: Their data set.
        progress: As for ``train_network``.
        should_stop: As for ``train_network``.
        checkpoint: As for ``train_network``.
        keep: As for ``train_network``.
        make: As for ``trainer_of``.

    Raises:
        JobError: The requested device does not exist.
        DataError: The data set has no such task.
    """
    started = time.perf_counter()
    device = device_of(run.training)
    tasks = tuple(dataset.task(name) for name in run.tasks)
    with threads(run.training.threads):
        trainer = trainer_of(network, run, dataset, device, make=make)
        outcome = trainer.run(progress=progress, should_stop=should_stop, checkpoint=checkpoint)
        state, sentence = ending(outcome, trainer.n_steps)
        found = evaluate(outcome.network, dataset, tasks, device) if state is RunState.DONE else Evaluation()
    if not found.is_finite:
        state, sentence, found = RunState.FAILED, NOT_FINITE, Evaluation()
    assert isinstance(outcome.network, TreeNetwork)
    if keep is not None and state is RunState.DONE:
        keep(outcome.network)
    if state is not RunState.CANCELLED and checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    return RunResult(
        state=state,
        sentence=sentence,
        **found.fields,
        preprocessing=preprocessing_of(dataset.size),
        curve=tuple(outcome.curve),
        steps=outcome.step,
        seconds=time.perf_counter() - started,
        params=count_parameters(trainer.network),
        head_params=count_parameters(outcome.network.heads),
        environment=environment_of(device, run.training.threads),
    )


def train(
    specification: NetworkRun,
    dataset: Dataset,
    device: torch.device,
    *,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    checkpoint: Path | None = None,
) -> tuple[Trainer, Outcome]:
    """Train the network a specification describes; return its trainer and the outcome of training.

    Args:
        specification: What to train.
        dataset: The data set of ``specification.dataset``.
        device: Where to train.
        progress: As for ``run``.
        should_stop: As for ``run``.
        checkpoint: File to continue from if it exists; it is left there.

    Raises:
        BranchwiseError: The data set has no such task, or the backbone can't be built.
    """
    tasks = tuple(dataset.task(name) for name in specification.tasks)
    network = build(specification.backbone, specification.tree, tasks, dataset.size, specification.seed)
    trainer = trainer_of(network, specification, dataset, device)
    return trainer, trainer.run(progress=progress, should_stop=should_stop, checkpoint=checkpoint)


def trainer_of(
    network: TreeNetwork,
    run: OneSetRun,
    dataset: Dataset,
    device: torch.device,
    *,
    make: Callable[..., Trainer] = Trainer,
) -> Trainer:
    """Return what trains a network on the tasks of a run.

    Args:
        network: Untrained.
        run: On which tasks, how, and from which seed.
        dataset: Their data set.
        device: Where to train.
        make: The kind of trainer, called with what ``Trainer`` takes.
    """
    tasks = tuple(dataset.task(name) for name in run.tasks)
    return make(
        network.to(device=device, memory_format=torch.channels_last),  # type: ignore[call-overload]
        tasks,
        run.training,
        run.seed,
        train=tensors_of(dataset, "train", tasks, device),
        validation=tensors_of(dataset, "validation", tasks, device),
    )


def ending(outcome: Outcome, n_steps: int) -> tuple[RunState, str]:
    """Return the state of a run whose training ended, and why it is not simply done, as a sentence."""
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
