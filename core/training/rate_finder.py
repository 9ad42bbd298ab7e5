"""A learning rate for a backbone from one short training.

``python -m core.training.rate_finder`` reads a study as JSON. The rate rises from step to step, over many powers of
ten, until the loss goes up. Nothing is stored, and no key of a run depends on it.
"""

import json
import math
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import torch

from core.data import store
from core.data.fingerprint import with_fingerprint
from core.data.pretrained import with_weights_fingerprint
from core.errors import BranchwiseError, StudyError
from core.layouts import Layout
from core.networks.zoo import with_zoo_fingerprint
from core.studies.documents import read_json
from core.studies.several_specification import SeveralSpecification
from core.studies.specification import StudySpecification, study_from_document
from core.training.build import build
from core.training.environment import device_of, threads
from core.training.loop import Trainer, optimizer_of
from core.training.tensors import tensors_of

STEPS: Final = 150
LEAST_STEPS, MOST_STEPS = 20, 2000
FIRST, LAST = 1e-6, 10.0
# Share of the mean of losses so far that a step keeps.
_KEPT: Final = 0.9
# A loss so many times the lowest one has gone up for good.
_GONE: Final = 3.0
# By less than this share batches differ anyway.
_LOWER: Final = 0.1
# The highest rate of a schedule lies below the one at which the loss is lowest, where it is about to go up.
_BELOW: Final = 10.0

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class RateCurve:
    """What a rising learning rate does to the training loss.

    Args:
        rates: Of each step, rising.
        losses: Mean loss, the sum over tasks, smoothed over the steps before.
        lowest: The rate at which the smoothed loss is lowest.
        suggested: A tenth of it, to one digit: the highest rate for a training.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    lowest: float
    suggested: float


@dataclass(slots=True)
class RangeTrainer(Trainer):
    """A training whose learning rate rises exponentially from step to step.

    Args:
        steps: From the first rate to the last.

    Reference:
        Smith, Cyclical Learning Rates for Training Neural Networks, §3.3; smoothing and the exponential rise are
        those of later libraries.
    """

    steps: int = STEPS

    def set_rate(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        """Set the learning rate of a step."""
        for group in optimizer.param_groups:
            group["lr"] = self.rate(step) * group["factor"]

    def rate(self, step: int) -> float:
        """Return the learning rate of a step."""
        return float(FIRST * (LAST / FIRST) ** (step / (self.steps - 1)))

    def curve_of_rates(self, progress: Progress | None = None) -> RateCurve:
        """Train until the loss goes up, and return what each rate did.

        Args:
            progress: Called after each step with those made and those in all.

        Raises:
            StudyError: No rate made the loss lower.
        """
        optimizer = optimizer_of(self.network, self.settings)
        self.begin()
        rates: list[float] = []
        losses: list[float] = []
        mean = 0.0
        for step in range(self.steps):
            epoch, place = divmod(step, self.steps_per_epoch)
            order = self.rows.epoch(epoch)
            rows = order[place * self.rows.batch : (place + 1) * self.rows.batch].to(self.train.pictures.device)
            loss = float(self.step(optimizer, step, rows).sum())
            if not math.isfinite(loss):
                break
            mean = _KEPT * mean + (1 - _KEPT) * loss
            rates.append(self.rate(step))
            losses.append(mean / (1 - _KEPT ** (step + 1)))
            if progress is not None:
                progress(step + 1, self.steps)
            if losses[-1] - min(losses) > _GONE * max(losses[0] - min(losses), abs(losses[0]) / 10):
                break
        return _read(rates, losses)


def _read(rates: Sequence[float], losses: Sequence[float]) -> RateCurve:
    place = min(range(len(losses)), key=losses.__getitem__, default=0)
    before = statistics.median(losses[: len(losses) // 6 + 1] or [0.0])
    if not losses or before - losses[place] < _LOWER * abs(before):
        raise StudyError(
            "No learning rate made the loss of the first steps lower, so none can be suggested. Check the labels, or "
            "choose a smaller weight decay."
        )
    return RateCurve(tuple(rates), tuple(losses), rates[place], float(f"{rates[place] / _BELOW:.0e}"))


def find_rate(
    study: StudySpecification,
    *,
    steps: int = STEPS,
    seed: int = 0,
    base: Path | None = None,
    progress: Progress | None = None,
) -> RateCurve:
    """Return what a rising rate does to the network of a study in which all tasks share all blocks.

    The same study gives the same curve on the same machine and versions (CPU).

    Args:
        study: Of one data set; its optimiser, batches, augmentation and weights count, its schedule does not.
        steps: How many, from the first rate to the last.
        seed: Of initial weights and orders.
        base: Folder that relative paths start from; the working directory by default.
        progress: Called after each step with those made and those in all.

    Raises:
        StudyError: There are several data sets, the number of steps is out of range, or no rate made the loss lower.
        BranchwiseError: Data or backbone can't be had.
    """
    if not LEAST_STEPS <= steps <= MOST_STEPS:
        raise StudyError(f"{steps} steps were requested. Choose {LEAST_STEPS} to {MOST_STEPS:,}.")
    if isinstance(study.dataset, SeveralSpecification):
        raise StudyError(
            f'"{study.name}" has several data sets, and a learning rate is looked for on one. Name one of them in a '
            "study file of its own, with two of its tasks."
        )
    dataset = store.load(with_fingerprint(study.dataset, base=base))
    backbone = with_zoo_fingerprint(with_weights_fingerprint(study.backbone, base=base))
    device, tasks = device_of(study.training), tuple(dataset.task(name) for name in study.tasks)
    with threads(study.training.threads):
        network = build(backbone, Layout.all_shared(len(tasks), backbone.blocks), tasks, dataset.size, seed)
        train = tensors_of(dataset, "train", tasks, device)
        trainer = RangeTrainer(
            network.to(device=device, memory_format=torch.channels_last),  # type: ignore[call-overload]
            tasks,
            study.training,
            seed,
            train=train,
            validation=train,
            steps=steps,
        )
        return trainer.curve_of_rates(progress)


def main() -> int:
    """Print the curve of a study as JSON, and return the exit code."""
    try:
        document = read_json(sys.stdin.buffer.read(), "The study")
        print(json.dumps(asdict(find_rate(study_from_document(document, "The study")))))
    except BranchwiseError as fault:
        print(fault, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
