"""What a graphics card saves: the same runs on the processor and on the card.

    python benchmarks/devices.py [--repeats 3] [--threads 1 8]

Every run trains one network for two tasks on 1,024 rendered pictures, two passes, same key and seed; a first run of
each device, which loads kernels, is not counted. Seconds are medians of whole runs, data and evaluation included. The
last column is the largest difference of a metric on the test split from the first device: other arithmetic, other
order of sums, another network.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

import torch

from core.families.layouts.request import TableRequest
from core.families.single.runs import network_run
from core.layouts import Layout
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.specification import (
    BackboneSpecification,
    ScenesSpecification,
    StudySpecification,
    TrainingSettings,
)
from core.training.execute import execute
from core.training.workplace import Workplace

TASKS = ("segmentation", "depth")
# Name, backbone, side of the pictures.
CASES = (
    ("small residual, width 8", BackboneSpecification(), 32),
    ("small residual, width 64", BackboneSpecification(width=64), 32),
    ("ResNet-18", BackboneSpecification(name="torchvision:resnet18"), 64),
)


def run_of(backbone: BackboneSpecification, size: int, threads: int) -> Run:
    """Return the run of one network that shares everything but the heads.

    Args:
        backbone: Which.
        size: Side of the pictures.
        threads: Of the processor.
    """
    study = StudySpecification(
        name="devices",
        dataset=ScenesSpecification(n_train=1024, n_validation=128, n_test=256, size=size),
        tasks=TASKS,
        backbone=backbone,
        training=TrainingSettings(batch_size=64, epochs=2, threads=threads),
        table=TableRequest(seeds=(0,)),
    )
    return network_run(study, [0, 1], Layout.all_shared(len(TASKS), backbone.blocks), 0)


def timed(run: Run, device: str, repeats: int, place: Workplace) -> tuple[float, RunResult]:
    """Return the median seconds of a run on a device, and its last result.

    Args:
        run: What to train.
        device: ``cpu`` or ``cuda``.
        repeats: How many runs are counted.
        place: Where data is kept.
    """
    results = [execute(run.kind, run.model_dump_json(), place, device=device)[0] for _ in range(repeats + 1)]
    for result in results:
        assert result.is_done, result.sentence
    return statistics.median(result.seconds for result in results[1:]), results[-1]


def difference(one: RunResult, other: RunResult) -> float:
    """Return the largest difference of a metric on the test split, as a share of its value.

    Args:
        one: Result of a run.
        other: Of the same run on another device.
    """
    ours, theirs = one.metrics["test"], other.metrics["test"]
    return max(abs(theirs[task][name] / value - 1) for task in ours for name, value in ours[task].items() if value)


def main() -> None:
    """Print one line for each backbone and device."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    devices = [("cpu", threads) for threads in options.threads]
    if torch.cuda.is_available():
        devices.append(("cuda", 1))
    print(f"torch {torch.__version__}\n")
    print("| backbone | device | seconds | ratio | metrics differ by |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as home:
        place = Workplace(Path(home))
        for name, backbone, size in CASES:
            first: tuple[float, RunResult] | None = None
            for device, threads in devices:
                seconds, result = timed(run_of(backbone, size, threads), device, options.repeats, place)
                first = first or (seconds, result)
                apart = difference(first[1], result)
                words = torch.cuda.get_device_name(0) if device == "cuda" else f"processor, threads: {threads}"
                print(f"| {name} | {words} | {seconds:.2f} | {first[0] / seconds:.1f} | {apart:.1%} |", flush=True)


if __name__ == "__main__":
    main()
