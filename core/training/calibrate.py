"""Measure how fast this machine trains a backbone: ``python -m core.training.calibrate`` reads a request as JSON."""

import sys
import time

import numpy as np
import torch
from pydantic import ValidationError

from core.data.dataset import Dataset, Samples
from core.errors import BranchwiseError
from core.layouts import Layout
from core.own_code.permission import permitted
from core.runs.run import GIGA, HEAD_SHARE, block_macs
from core.runs.settings import TrainingSettings
from core.studies.calibration import Calibration, CalibrationRequest, store_calibration, stored_calibration
from core.studies.home import home
from core.tasks import Kind, Task
from core.training.average import WeightAverage
from core.training.build import build
from core.training.environment import device_of, threads
from core.training.loop import Trainer, optimizer_of
from core.training.prepare_study import profile
from core.training.tensors import tensors_of

SECONDS = 1.5
OWN_CODE = "--own-code"
# A step of a large network takes long enough with few pictures.
_MOST_MACS = 2e9
# Two tasks that share the backbone: between a single-task network and a split one.
_N_TASKS = 2
_EPOCHS = 1000


def measure(request: CalibrationRequest, *, seconds: float = SECONDS) -> Calibration:
    """Train a network on random pictures for a moment, and return the speed.

    Args:
        request: Backbone, size of the pictures and training settings.
        seconds: How long to train; at least a few steps are made.

    Raises:
        BackboneError: The backbone is unknown or can't be cut into as many blocks.
        JobError: The requested device does not exist.
    """
    backbone = profile(request.backbone, request.size)
    settings = TrainingSettings(
        batch_size=request.batch_size,
        device=request.device,
        threads=request.threads,
        epochs=_EPOCHS,
    )
    device = device_of(settings)
    macs = sum(block_macs(backbone))
    dataset = _random_pictures(request, min(request.batch_size, max(round(_MOST_MACS / macs), 2)))
    layout = Layout.all_shared(_N_TASKS, request.backbone.blocks)
    network = build(request.backbone, layout, dataset.tasks, request.size, 0).to(device).train()
    train = tensors_of(dataset, "train", dataset.tasks, device)
    trainer = Trainer(network, dataset.tasks, settings, 0, train=train, validation=train)
    optimizer, average = optimizer_of(network, settings), WeightAverage(network, settings.average)
    rows, steps, begun = torch.arange(len(train), device=device), 0, 0.0
    with threads(settings.threads):
        while steps < 2 or time.perf_counter() - begun < seconds:
            if not begun:
                # The first step is slower than the others and does not count.
                trainer.train_step(optimizer, 0, rows).sum().item()
                begun = time.perf_counter()
            trainer.train_step(optimizer, steps, rows).sum().item()
            average.update(steps)
            steps += 1
    work = macs * (1 + HEAD_SHARE * _N_TASKS) * steps * len(train) / GIGA
    return Calibration((time.perf_counter() - begun) / work, backbone)


def _random_pictures(request: CalibrationRequest, n: int) -> Dataset:
    """Return n pictures of noise with labels for two tasks."""
    rng = np.random.default_rng(0)
    kind = Kind.DEPTH if request.dense else Kind.CLASSIFICATION
    tasks = tuple(Task.usual(f"task {place}", kind, 1 if request.dense else 10) for place in range(_N_TASKS))
    targets = {
        task.name: rng.random((n, 1, *request.size), np.float32) if request.dense else rng.integers(0, 10, n)
        for task in tasks
    }
    samples = Samples(rng.integers(0, 256, (n, 3, *request.size), np.uint8), targets)
    return Dataset("noise", tasks, samples, samples, samples)


def main(arguments: list[str] | None = None) -> int:
    """Measure, keep the result in the home folder, and return the exit code.

    Args:
        arguments: ``--own-code`` and the folders that the backbone's code may be imported from, where it may be run.
    """
    roots = arguments[1:] if arguments and arguments[0] == OWN_CODE else None
    try:
        request = CalibrationRequest.model_validate_json(sys.stdin.buffer.read())
        with permitted(roots):
            if stored_calibration(home(), request) is None:
                store_calibration(home(), request, measure(request))
    except (BranchwiseError, ValidationError) as fault:
        print(fault, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
