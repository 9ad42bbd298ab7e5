"""The affinity tensor as printed in Branched MTL and in our variant, on the same seed.

    python benchmarks/affinity.py --pictures 4000 --epochs 10

The literal procedure runs every picture through the frozen blocks in every epoch; ours computes their features once
for all targets. The bound says how much that can save at a depth: with b seconds for the frozen part and t for a step
of the part above, each timed alone, the literal procedure takes t + b per step, ours t, and b once for every picture.
Beside it the same with fewer epochs for networks that are split deep, and without the depths that need no measuring
since every grouping that is kept there is one group already.
"""

import argparse
import os
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray

from core.affinity.distance import distances
from core.affinity.recombined import RecombinedLosses
from core.affinity.resampling import certainty, order_kept, resampled_affinities
from core.data import store
from core.data.dataset import Dataset
from core.families.recombined.request import AffinityRequest
from core.families.recombined.runs import RecombinedRun, recombined_runs
from core.families.recombined.train import bottom_of, losses_of, trainer_of
from core.families.single.runs import single_run
from core.families.single.train import train
from core.networks.tree import TreeNetwork
from core.selection.beam import BeamSearch
from core.selection.branched import alpha_path
from core.selection.branched_case import BranchedCase
from core.studies.specification import ScenesSpecification, StudySpecification, TrainingSettings
from core.training.environment import threads
from core.training.frozen_bottom import MOST_FEATURE_BYTES, Bottom

CPU = torch.device("cpu")
STEPS = 40
ALPHAS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4)

Losses = dict[tuple[int, str, str], NDArray[np.float32]]  # depth, target, source


def main() -> None:
    """Measure both ways and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=4000, help="training pictures")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--fewer", default="10,8,6,4,3", help="epochs of each depth in the second table")
    arguments = parser.parse_args()
    study = StudySpecification(
        name="speed",
        dataset=ScenesSpecification(n_train=arguments.pictures),
        tasks=("segmentation", "normals", "depth"),
        training=TrainingSettings(batch_size=64, epochs=arguments.epochs),
        affinity=AffinityRequest(seeds=(0,)),
    )
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, one thread each way")
    with TemporaryDirectory() as folder, threads(1):
        data = store.load(study.dataset, folder=Path(folder))
        sources = [trained(study, task, data) for task in range(3)]
        fewer = tuple(int(n) for n in arguments.fewer.split(","))
        compare(study, data, sources, fewer)


def trained(study: StudySpecification, task: int, data: Dataset) -> TreeNetwork:
    """Return a trained single-task network."""
    network = train(single_run(study, task, 0), data, CPU)[1].network
    assert isinstance(network, TreeNetwork)
    return network


def compare(study: StudySpecification, data: Dataset, sources: list[TreeNetwork], fewer: tuple[int, ...]) -> None:
    """Measure the tensor in three ways and print how long each took and how far the tensors are apart."""
    runs = recombined_runs(study)
    literal, cached, short = Losses(), Losses(), Losses()
    seconds = np.zeros((3, study.backbone.blocks))
    print(
        f"\n{'after block':>12}{'literal s':>12}{'cached s':>12}{'speed-up':>10}"
        f"{'bound':>8}{'reached':>9}{'fewer s':>10}"
    )
    for depth in reversed(range(study.backbone.blocks)):
        here = [run for run in runs if run.depth == depth]
        bound = statistics.median(bound_of(run, data, sources[study.tasks.index(run.source.tasks[0])]) for run in here)
        for run in here:
            network = sources[study.tasks.index(run.source.tasks[0])]
            # Turn by turn, so that both meet the same machine.
            seconds[0, depth] += measure(run, data, network, 0, literal)
            seconds[1, depth] += measure(run, data, network, MOST_FEATURE_BYTES, cached)
            brief = run.model_copy(update={"epochs": fewer[depth]})
            seconds[2, depth] += measure(brief, data, network, MOST_FEATURE_BYTES, short)
        gain = seconds[0, depth] / seconds[1, depth]
        print(
            f"{depth + 1:12}{seconds[0, depth]:12.1f}{seconds[1, depth]:12.1f}{gain:9.2f}×{bound:7.2f}×"
            f"{gain / bound:8.0%}{seconds[2, depth]:10.1f}",
            flush=True,
        )
    total = seconds.sum(axis=1)
    print(f"{'all':>12}{total[0]:12.1f}{total[1]:12.1f}{total[0] / total[1]:9.2f}×{'':17}{total[2]:10.1f}")
    print(f"\nfewer epochs {fewer}: {total[0] / total[2]:.2f}× over the literal procedure\n")
    for what, found, own in (("cached", cached, seconds[1]), ("fewer epochs", short, seconds[2])):
        say_skipped(study, what, found, own, float(total[0]))
    say(study, "cached", literal, cached)
    say(study, "fewer epochs", literal, short)


def measure(run: RecombinedRun, data: Dataset, network: TreeNetwork, most: int, found: Losses) -> float:
    """Train every target on a source's bottom, keep the losses, and return the seconds it took."""
    begun = time.perf_counter()
    bottom = Bottom.of(bottom_of(network, run.depth), data, CPU, most=most)
    for name in run.targets:
        trainer = trainer_of(run, data.task(name), data, bottom, CPU)
        outcome = trainer.run()
        found[run.depth, name, run.source.tasks[0]] = losses_of(outcome.network, trainer.tasks[0], trainer.validation)
    return time.perf_counter() - begun


def bound_of(run: RecombinedRun, data: Dataset, network: TreeNetwork) -> float:
    """Return how many times faster it can be at most to run each picture through the frozen blocks only once."""
    bottom = bottom_of(network, run.depth)
    pictures = data.train.pictures[: run.settings.batch_size]
    batch = torch.from_numpy(pictures).float().to(memory_format=torch.channels_last)
    below = _seconds(lambda: _forward(bottom, batch))
    above = []
    for name in run.targets:
        trainer = trainer_of(run, data.task(name), data, Bottom.of(bottom, data, CPU), CPU)
        begun = time.perf_counter()
        trainer.run(should_stop=_after(STEPS))
        above.append((time.perf_counter() - begun) / STEPS)
    top = statistics.mean(above)
    passes = len(run.targets) * run.settings.epochs * len(data.train.pictures)
    once = len(data.train.pictures) + len(data.validation.pictures)
    return (top + below) / (top + below * once / passes)


def _forward(bottom: torch.nn.Module, batch: torch.Tensor) -> None:
    with torch.no_grad():
        bottom(batch)


def _seconds(call: object) -> float:
    assert callable(call)
    call()
    times = []
    for _ in range(STEPS):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _after(steps: int) -> object:
    # Asked every ten steps.
    left = iter([False] * (steps // 10))
    return lambda: next(left, True)


def tensor(study: StudySpecification, found: Losses) -> RecombinedLosses:
    """Return losses as one value; what was skipped is a hole."""
    n, tasks = len(next(iter(found.values()))), study.tasks
    values = np.full((1, study.backbone.blocks, 3, 3, n), np.nan, dtype=np.float32)
    for (depth, target, source), losses in found.items():
        values[0, depth, tasks.index(target), tasks.index(source)] = losses
    return RecombinedLosses(tasks, (0,), values)


def case_of(study: StudySpecification, found: Losses) -> BranchedCase:
    """Return the branched case of a complete tensor."""
    # Strides 1, 2, 2, 1 after the stem.
    return BranchedCase(distances(tensor(study, found).affinity()), (2.0, 2.0, 1.0, 0.0, 0.0))


def say_skipped(
    study: StudySpecification, what: str, found: Losses, seconds: NDArray[np.float64], literal: float
) -> None:
    """Print what is saved at some α where the depths before all kept groupings have merged are not measured."""
    search = BeamSearch(case_of(study, found))
    for alpha in ALPHAS:
        first = search.first_needed(alpha)
        needed = float(seconds[first:].sum())
        print(f"{what}, α = {alpha:g}: from block {first + 1} on, {needed:.1f} s, {literal / needed:.2f}×")
    print()


def say(study: StudySpecification, what: str, one: Losses, other: Losses) -> None:
    """Print how far two tensors are apart, and whether they give the same trees."""
    first, second = tensor(study, one), tensor(study, other)
    there = ~np.isnan(second.affinity()).any(axis=(1, 2))
    a, b = first.affinity()[there], second.affinity()[there]
    found = certainty(first.affinity(), resampled_affinities(first, rng=np.random.default_rng(0)))
    half = float(np.median((found.high - found.low)[there]) / 2)
    print(
        f"{what}: largest difference of an affinity {np.abs(a - b).max():.3f}, median {np.median(np.abs(a - b)):.4f} "
        f"(half a 90 % interval of drawing the samples again: {half:.3f}); order of pairs kept {order_kept(a, b):.0%}"
    )
    trees = [alpha_path(case_of(study, losses)) for losses in (one, other)]
    same = [x.layout for _, x in trees[0]] == [x.layout for _, x in trees[1]]
    print(f"   α-path: {len(trees[0])} and {len(trees[1])} trees, {'the same' if same else 'not the same'}")
    for start, tree in trees[0]:
        print(f"      literal from α = {start:.4f}: {tree.layout.to_text()}")
    for start, tree in trees[1] if not same else []:
        print(f"      {what} from α = {start:.4f}: {tree.layout.to_text()}")


if __name__ == "__main__":
    main()
