"""What a resident trunk saves when a user switches tasks, on real files of real backbones.

    python benchmarks/switching.py --repeats 30 --branches 5 [--json assets/switching.json]

Random weights, which take as long to load as trained ones. Every backbone is cut in the middle of its blocks (the
paper's cut) and again where the trunk first holds half of the parameters; both ways of getting to a task are timed
with a warm and a cold page cache: loading a whole dedicated network from a file of its own, and loading a branch
while the trunk stays in memory. "by bytes" is TreeDNN's arithmetic, t times the branch's share, with the bytes
of this cut. ``--json`` writes what the Storage page shows.
"""

import argparse
import os
import shlex
import sys
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from safetensors.torch import save_file

from core.families.switching.report import SwitchReport
from core.families.switching.results import MeasuredSwitch, write_switchings
from core.families.switching.timing import measure_switching
from core.families.treednn.branch import BranchPlan
from core.families.treednn.costs import response
from core.families.treednn.deployment import save_tree
from core.families.treednn.network import TreeDNN
from core.families.treednn.tree_manifest import read_manifest
from core.networks.plan import BackbonePlan
from core.networks.tree import count_parameters
from core.tasks import Kind, Task

BACKBONES = ("mobilenet_v2", "resnet18", "resnet50")
# TreeDNN's five data sets and their classes, then other tasks of a camera.
TASKS = (("cifar10", 10), ("cifar100", 100), ("caltech101", 101), ("caltech256", 257), ("svhn", 10))
SIZE = (224, 224)


def main() -> None:
    """Measure every backbone and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--branches", type=int, default=5)
    parser.add_argument("--backbones", nargs="+", default=BACKBONES)
    parser.add_argument("--folder", default=None, help="on which disk to write, the temporary folder by default")
    parser.add_argument("--json", type=Path, default=None, help="a file to write what was measured to")
    arguments = parser.parse_args()
    print(
        f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; "
        f"torch {torch.__version__}, {arguments.threads} thread(s); medians of {arguments.repeats} repeats, ms"
    )
    print(
        f"{'backbone':>13}{'cut':>8}{'trunk':>8}{'MB whole':>10}{'branch':>8}{'':4}"
        f"{'load':>8}{'→':>3}{'branch':>7}{'by bytes':>10}{'first output':>14}{'→':>3}{'branch':>7}"
    )
    found: list[MeasuredSwitch] = []
    for name in arguments.backbones:
        plan = BackbonePlan(f"torchvision.models.{name}()", SIZE)
        sizes = [count_parameters(block) for block in plan.blocks()]
        middle = len(sizes) // 2
        half = 1 + next(i for i, held in enumerate(accumulate(sizes)) if held >= sum(sizes) / 2)
        for cut in dict.fromkeys((middle, min(half, len(sizes) - 1))):
            with TemporaryDirectory(dir=arguments.folder) as folder:
                report = measure(plan, cut, arguments, Path(folder))
            trunk_share = sum(sizes[:cut]) / sum(sizes)
            say(name, cut, len(sizes), trunk_share, report)
            today, command = datetime.now(UTC).date(), shlex.join(["python", *sys.argv])
            found.append(MeasuredSwitch(name, cut, len(sizes), trunk_share, today, command, report))
    print(f"\ncold: {report.cold.value}")
    if arguments.json is not None:
        arguments.json.write_bytes(write_switchings(found))
        print(f"written to {arguments.json}")


def measure(plan: BackbonePlan, cut: int, arguments: argparse.Namespace, folder: Path) -> SwitchReport:
    """Write a tree and its dedicated networks, and measure them."""
    wanted = [
        BranchPlan(f"{name} {i}" if i >= len(TASKS) else name, Task.usual(name, Kind.CLASSIFICATION, n), SIZE)
        for i in range(arguments.branches)
        for name, n in [TASKS[i % len(TASKS)]]
    ]
    tree = TreeDNN.build(plan, cut, wanted)
    save_tree(tree, folder, plan, wanted)
    dedicated = {}
    for entry in read_manifest(folder).branches:
        path = folder / f"dedicated-{entry.file}"
        save_file({key: tensor.contiguous() for key, tensor in tree.path(entry.name).state_dict().items()}, path)
        dedicated[entry.name] = path
    return measure_switching(
        folder, repeats=arguments.repeats, threads=arguments.threads, dedicated=dedicated, progress=show
    )


def say(name: str, cut: int, n_blocks: int, share: float, report: SwitchReport) -> None:
    """Print one line per page cache."""
    sys.stderr.write("\r" + " " * 40 + "\r")
    branch, whole = report.branches[0].branch.bytes, report.branches[0].whole.bytes
    for cold in (False, True):
        before, after = report.median("whole", cold=cold), report.median("branch", cold=cold)
        if before is None or after is None:
            continue
        first = f"{name:>13}{f'{cut}/{n_blocks}':>8}{share:8.1%}{whole / 1e6:10.2f}{branch / 1e6:8.2f}"
        print(
            f"{first if not cold else '':47}{'cold' if cold else 'warm':>4}"
            f"{1e3 * before.load:8.2f}{'':3}{1e3 * after.load:7.2f}{1e3 * response(before.load, branch / whole):10.2f}"
            f"{1e3 * before.first_output:14.2f}{'':3}{1e3 * after.first_output:7.2f}",
            flush=True,
        )
    print(
        f"{'':47}{report.tree_bytes / 1e6:.1f} MB on disk instead of {report.separate_bytes / 1e6:.1f} MB, "
        f"{report.resident_bytes / 1e6:.1f} MB in memory",
        flush=True,
    )


def show(done: int, repeats: int) -> None:
    """Print the progress of one measurement."""
    sys.stderr.write(f"\r{done} of {repeats} repeats")


if __name__ == "__main__":
    main()
