"""Recombined networks: every task trained on one task's frozen bottom blocks."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save
from torch import nn

from core.data.dataset import Dataset
from core.errors import AffinityError
from core.families.recombined.payloads import LossesPayload, SampleLosses
from core.families.recombined.runs import RecombinedRun
from core.families.single.trained import Progress, Sources
from core.networks.tree import TreeNetwork, count_parameters
from core.runs.result import RunResult, RunState
from core.studies.home import write_whole
from core.tasks import Task
from core.training.answers import answers
from core.training.build import build
from core.training.environment import device_of, environment_of, threads
from core.training.frozen_bottom import MOST_FEATURE_BYTES, Bottom, RecombinedNetwork
from core.training.loop import End, Trainer
from core.training.sample_losses import sample_losses
from core.training.tensors import Tensors
from core.training.workplace import Workplace

# Losses of so many validation samples are kept: more would not make tournaments more certain.
MOST_SAMPLES = 2000


def train_run(run: RecombinedRun, place: Workplace) -> tuple[RunResult, None]:
    """Return the result of a run of recombined networks; their weights are not kept.

    Args:
        run: Source, targets and depth.
        place: Where data, weights and checkpoints are, and who receives progress.
    """
    return run_recombined(
        run,
        place.data(run.source.dataset),
        place.weights,
        drafts=place.drafts,
        progress=place.progress,
        should_stop=place.should_stop,
    ), None


def run_recombined(
    run: RecombinedRun,
    data: Dataset,
    weights: Callable[[str], Path],
    *,
    drafts: Path,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    most_feature_bytes: int = MOST_FEATURE_BYTES,
) -> RunResult:
    """Return the validation losses of every target on a source's frozen bottom blocks, as the result of a run.

    Each top starts from the weights that its task's single-task network started from (fine-tuned, from those it
    ended with), sees the same batches in the same order, and is trained with the same settings.

    Args:
        run: Source, targets and depth.
        data: The data set of the source.
        weights: Returns the file of a run's trained weights, which need not exist.
        drafts: Folder for what is finished, so that an interrupted run continues; emptied at the end.
        progress: Called about every 50 steps with steps made, steps in all and mean losses.
        should_stop: Called every few steps; true stops it.
        most_feature_bytes: Memory for features; above it they are computed again for every batch.

    Raises:
        AffinityError: A training diverged.
        JobError: The requested device does not exist.

    Reference:
        Branched Multi-Task Networks, §3.2; computing the features once is ours.
    """
    begun, settings = time.perf_counter(), run.settings
    device, report = device_of(settings), progress or (lambda _step, _steps, _losses: None)
    environment = environment_of(device, settings.threads)
    draft = drafts / f"recombined.{run.key}.safetensors"
    sources = Sources(
        data, device, weights, lambda key: drafts / f"recombined.{run.key}.{key}.safetensors", should_stop
    )
    cancelled = RunResult(state=RunState.CANCELLED, sentence="Cancelled.", environment=environment)
    steps = params = 0
    with threads(settings.threads):
        network = sources.network(run.source, report)
        if network is None:
            return cancelled
        trained = {name: sources.network(run.alone(name), report) for name in run.targets} if run.fine_tune else {}
        if None in trained.values():
            return cancelled
        found, bottom = (
            _finished(draft, run.targets),
            Bottom.of(bottom_of(network, run.depth), data, device, most=0 if settings.augment else most_feature_bytes),
        )
        for place, name in enumerate(run.targets):

            def show(step: int, steps: int, losses: Mapping[str, float], *, place: int = place) -> None:
                report(place * steps + step, steps * len(run.targets), losses)

            trainer = trainer_of(run, data.task(name), data, bottom, device, trained=trained.get(name))
            params += count_parameters(trainer.network)
            steps += trainer.n_steps
            if name in found:
                show(trainer.n_steps, trainer.n_steps, {})
                continue
            outcome = trainer.run(progress=show, should_stop=should_stop, checkpoint=drafts / f"{run.key}.safetensors")
            if outcome.end is End.STOPPED:
                return cancelled
            (drafts / f"{run.key}.safetensors").unlink(missing_ok=True)
            if outcome.end is End.DIVERGED:
                raise AffinityError(
                    f"The loss of {name} on the features of {run.source.tasks[0]} became not-a-number at step "
                    f"{outcome.step}. Try a lower learning rate."
                )
            found[name] = losses_of(outcome.network, trainer.tasks[0], trainer.validation)
            write_whole(draft, save(found))
    draft.unlink(missing_ok=True)
    sources.forget_drafts(run.source, *map(run.alone, run.targets))
    return RunResult(
        state=RunState.DONE,
        steps=steps,
        params=params,
        seconds=time.perf_counter() - begun,
        environment=environment,
        payload=LossesPayload(losses=SampleLosses.of({name: found[name] for name in run.targets})).model_dump(
            mode="json"
        ),
    )


def trainer_of(
    run: RecombinedRun,
    task: Task,
    data: Dataset,
    bottom: Bottom,
    device: torch.device,
    *,
    trained: TreeNetwork | None = None,
) -> Trainer:
    """Return the training of one target on a bottom.

    Args:
        run: Source and depth.
        task: The target.
        data: The data set.
        bottom: Of the source at that depth.
        device: Where to train.
        trained: The target's single-task network, which a fine-tuned top starts from; it stays as it is.
    """
    own = build(run.source.backbone, run.source.tree, (task,), data.size, run.source.seed)
    if trained is not None:
        own.load_state_dict(trained.state_dict())
    top = nn.Sequential(*list(own.path(0))[run.depth + 1 :])
    network = RecombinedNetwork(top, bottom.blocks)
    network = network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Trainer(
        network,
        (task,),
        run.settings,
        run.source.seed,
        train=bottom.tensors(data, "train", task, device),
        validation=bottom.tensors(data, "validation", task, device),
    )


def bottom_of(network: TreeNetwork, depth: int) -> nn.Module:
    """Return the bottom ``depth + 1`` blocks of a single-task network, frozen and in evaluation mode."""
    return nn.Sequential(*list(network.path(0))[: depth + 1]).requires_grad_(False).eval()


def losses_of(network: nn.Module, task: Task, data: Tensors) -> NDArray[np.float32]:
    """Return a trained network's loss on the first validation samples, ``[n_samples]``."""
    pieces, target = answers(network, data, most=MOST_SAMPLES), data.targets[0]
    return np.concatenate([sample_losses(task, outputs[0], target[rows]) for rows, outputs in pieces])


def _finished(path: Path, targets: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """Return target → losses of what an interrupted run had done."""
    try:
        found = load(path.read_bytes())
    except (OSError, SafetensorError):
        return {}
    return {name: losses for name, losses in found.items() if name in targets}
