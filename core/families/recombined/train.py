"""Recombined networks: every task trained on one task's frozen bottom blocks."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save
from torch import Tensor, nn

from core.data.dataset import Dataset
from core.errors import AffinityError
from core.families.recombined.runs import RecombinedSpecification
from core.families.single.train import device_of, environment_of, threads
from core.families.single.trained import Progress, Sources
from core.networks.tree import TreeNetwork, count_parameters
from core.runs.result import RunResult, RunState, SampleLosses
from core.studies.home import write_whole
from core.tasks import Task
from core.training.build import build
from core.training.loop import End, Trainer, predict
from core.training.sample_losses import sample_losses
from core.training.tensors import Tensors, channels_first, channels_last, tensors_of

# Losses of so many validation samples are kept: more would make no tournament clearer.
MOST_SAMPLES = 2000
# Features of larger data sets are computed again for every batch.
MOST_FEATURE_BYTES = 2_000_000_000
_BATCH = 250


class RecombinedNetwork(nn.Module):
    """One task's blocks and head on the frozen bottom of another's.

    The bottom is no part of what is trained or kept: it has no gradient, stays in evaluation mode
    (its BatchNorm neither learns nor counts), and is not among the module's parameters.

    Args:
        top: The blocks above the bottom, and the head.
        bottom: The frozen blocks, or None where the network is fed with their features.
    """

    def __init__(self, top: nn.Module, bottom: nn.Module | None = None) -> None:
        super().__init__()
        self.top = top
        # In a tuple, so that torch does not take it for a part of this module.
        self._frozen = () if bottom is None else (bottom.eval(),)

    def forward(self, x: Tensor) -> dict[int, Tensor]:
        """Give the output of the one task, as a ``TreeNetwork`` does."""
        for bottom in self._frozen:
            with torch.no_grad():
                x = bottom(x)
        return {0: self.top(x)}


@dataclass(frozen=True, slots=True, eq=False)
class Bottom:
    """What the frozen blocks make of each split, or the blocks themselves where that would not fit into memory.

    Args:
        inputs: Split → pictures or features, with no targets.
        blocks: None where ``inputs`` are features.
    """

    inputs: Mapping[str, Tensor]
    blocks: nn.Module | None

    @classmethod
    def of(cls, blocks: nn.Module, dataset: Dataset, device: torch.device, *, most: int = MOST_FEATURE_BYTES) -> Self:
        """Give the features of training and validation pictures, computed once for all targets.

        No picture is changed at random in any of our trainings, so the features are those that
        every epoch would compute again.

        Args:
            blocks: In evaluation mode.
            dataset: Whose pictures.
            device: Where the features should live.
            most: Bytes they may take.
        """
        pictures = {split: tensors_of(dataset, split, (), device).pictures for split in ("train", "validation")}
        return cls.over(blocks, pictures, most=most)

    @classmethod
    def over(cls, blocks: nn.Module, pictures: Mapping[str, Tensor], *, most: int = MOST_FEATURE_BYTES) -> Self:
        """Give the features of some pictures, computed once.

        Args:
            blocks: In evaluation mode.
            pictures: Split → pictures as ``Tensors`` keep them.
            most: Bytes the features may take.
        """
        with torch.no_grad():
            one = blocks(channels_first(pictures["train"][:1]))
        if one.numel() * one.element_size() * sum(map(len, pictures.values())) > most:
            return cls(pictures, blocks)
        return cls({split: _features(blocks, found) for split, found in pictures.items()}, None)

    def tensors(self, dataset: Dataset, split: str, task: Task, device: torch.device) -> Tensors:
        """Give what a top is trained on."""
        return replace(tensors_of(dataset, split, (task,), device), pictures=self.inputs[split])


def run_recombined(
    asked: RecombinedSpecification,
    data: Dataset,
    weights: Callable[[str], Path],
    *,
    drafts: Path,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    most_feature_bytes: int = MOST_FEATURE_BYTES,
) -> RunResult:
    """Give the validation losses of every target on a source's frozen bottom blocks, as the result of a run.

    Each top starts from the weights that its task's own network started from, sees the same
    batches in the same order, and is trained as that was.

    Args:
        asked: Source, targets and depth.
        data: The data set of the source.
        weights: Gives the file of a run's trained weights, which need not exist.
        drafts: Folder for what is finished, so that an interrupted run goes on; emptied at the end.
        progress: Called about every 50 steps with steps made, steps in all and mean losses.
        should_stop: Asked every few steps; true ends it.
        most_feature_bytes: Memory for features; above it they are computed again for every batch.

    Raises:
        AffinityError: A training diverged.
        JobError: The device asked for is not there.

    Reference:
        Branched Multi-Task Networks, §3.2; computing the features once is ours.
    """
    begun, settings = time.perf_counter(), asked.training
    device, report = device_of(settings), progress or (lambda _step, _steps, _losses: None)
    surroundings = environment_of(device, settings.threads)
    draft = drafts / f"recombined.{asked.key}.safetensors"
    sources = Sources(
        data, device, weights, lambda key: drafts / f"recombined.{asked.key}.{key}.safetensors", should_stop
    )
    cancelled = RunResult(state=RunState.CANCELLED, sentence="Cancelled.", environment=surroundings)
    steps = params = 0
    with threads(settings.threads):
        network = sources.network(asked.source, report)
        if network is None:
            return cancelled
        found, bottom = (
            _finished(draft, asked.targets),
            Bottom.of(bottom_of(network, asked.depth), data, device, most=most_feature_bytes),
        )
        for place, name in enumerate(asked.targets):

            def show(step: int, steps: int, losses: Mapping[str, float], *, place: int = place) -> None:
                report(place * steps + step, steps * len(asked.targets), losses)

            trainer = trainer_of(asked, data.task(name), data, bottom, device)
            params += count_parameters(trainer.network)
            steps += trainer.n_steps
            if name in found:
                show(trainer.n_steps, trainer.n_steps, {})
                continue
            outcome = trainer.run(
                progress=show, should_stop=should_stop, checkpoint=drafts / f"{asked.key}.safetensors"
            )
            if outcome.end is End.STOPPED:
                return cancelled
            (drafts / f"{asked.key}.safetensors").unlink(missing_ok=True)
            if outcome.end is End.DIVERGED:
                raise AffinityError(
                    f"The loss of {name} on the features of {asked.source.tasks[0]} became not-a-number at step "
                    f"{outcome.step}. Try a lower learning rate."
                )
            found[name] = losses_of(outcome.network, trainer.tasks[0], trainer.validation)
            write_whole(draft, save(found))
    draft.unlink(missing_ok=True)
    sources.forget_drafts(asked.source)
    return RunResult(
        state=RunState.DONE,
        steps=steps,
        params=params,
        seconds=time.perf_counter() - begun,
        environment=surroundings,
        losses=SampleLosses.of({name: found[name] for name in asked.targets}),
    )


def trainer_of(
    asked: RecombinedSpecification, task: Task, data: Dataset, bottom: Bottom, device: torch.device
) -> Trainer:
    """Give the training of one target on a bottom.

    Args:
        asked: Source and depth.
        task: The target.
        data: The data set.
        bottom: Of the source at that depth.
        device: Where to train.
    """
    own = build(asked.source.backbone, asked.source.tree, (task,), data.size, asked.source.seed)
    top = nn.Sequential(*list(own.path(0))[asked.depth + 1 :])
    network = RecombinedNetwork(top, bottom.blocks)
    network = network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Trainer(
        network,
        (task,),
        asked.training,
        asked.source.seed,
        train=bottom.tensors(data, "train", task, device),
        validation=bottom.tensors(data, "validation", task, device),
    )


def bottom_of(network: TreeNetwork, depth: int) -> nn.Module:
    """Give the bottom ``depth + 1`` blocks of a single-task network, frozen and in evaluation mode."""
    return nn.Sequential(*list(network.path(0))[: depth + 1]).requires_grad_(False).eval()


def losses_of(network: nn.Module, task: Task, data: Tensors) -> NDArray[np.float32]:
    """Give a trained network's loss on the first validation samples, ``[n_samples]``."""
    rows = slice(MOST_SAMPLES)
    part = Tensors(data.pictures[rows], (data.targets[0][rows],), data.complete)
    return sample_losses(task.kind, predict(network, part)[0], part.targets[0])


def _features(blocks: nn.Module, pictures: Tensor) -> Tensor:
    with torch.no_grad():
        return torch.cat([channels_last(blocks(channels_first(part))) for part in torch.split(pictures, _BATCH)])


def _finished(path: Path, targets: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """Give target → losses of what an interrupted run had done."""
    try:
        found = load(path.read_bytes())
    except (OSError, SafetensorError):
        return {}
    return {name: losses for name, losses in found.items() if name in targets}
