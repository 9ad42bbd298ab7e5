"""How long a switch takes, measured: a whole dedicated network against a branch on the resident trunk."""

import platform
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from core.errors import FamilyError
from core.families.switching.page_cache import drop, how_cold
from core.families.switching.report import BranchTimes, Switch, SwitchReport, Times
from core.families.treednn.deployed import DeployedTree, emptied, fill, skeleton
from core.families.treednn.tree_manifest import BranchEntry, FileEntry

REPEATS = 20
MAX_REPEATS = 10_000
MAX_THREADS = 256

Progress = Callable[[int, int], None]


def measure_switching(
    folder: Path,
    *,
    repeats: int = REPEATS,
    threads: int = 1,
    dedicated: Mapping[str, Path] | None = None,
    progress: Progress | None = None,
) -> SwitchReport:
    """Return load and switch times of a deployed tree on this machine.

    Both ways read files with the same code into networks that are built already, and answer one
    picture; every file was checked once before, so no hash is computed within the times. The
    ways take turns within each repeat, so that both meet the same machine.

    Args:
        folder: Where the tree was saved.
        repeats: Repeats of each figure.
        threads: That torch computes with.
        dedicated: Branch → file of its whole dedicated network; without one, trunk file and
            branch file are read one after the other, which are the same bytes in two files.
        progress: Called after each repeat with those made and those in all.

    Raises:
        FamilyError: The tree can't be used, or repeats or threads are out of range.
    """
    check_numbers(repeats, threads)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        return _measured(folder, repeats, dedicated or {}, progress)
    finally:
        torch.set_num_threads(before)


def check_numbers(repeats: int, threads: int) -> None:
    """Check how often and with how many threads is measured.

    Raises:
        FamilyError: A number is out of range.
    """
    if not 1 <= repeats <= MAX_REPEATS:
        raise FamilyError(f"{repeats} repeats were requested. Choose 1 to {MAX_REPEATS}.")
    if not 1 <= threads <= MAX_THREADS:
        raise FamilyError(f"{threads} threads were requested. Choose 1 to {MAX_THREADS}.")


def _measured(folder: Path, repeats: int, dedicated: Mapping[str, Path], progress: Progress | None) -> SwitchReport:
    bench = _Bench(folder, dedicated)
    resident = bench.warm_up()
    cold = how_cold(folder / bench.tree.manifest.trunk.file)
    temperatures = (False, True) if cold.is_measurable else (False,)
    taken: dict[tuple[str, str, bool], list[Times]] = {}
    for repeat in range(repeats):
        for entry in bench.tree.manifest.branches:
            for dropped in temperatures:
                taken.setdefault((entry.name, "whole", dropped), []).append(bench.whole(entry, dropped))
                taken.setdefault((entry.name, "branch", dropped), []).append(bench.branch(entry, dropped))
        if progress is not None:
            progress(repeat + 1, repeats)

    def switch(name: str, way: str, size: int) -> Switch:
        frozen = taken.get((name, way, True))
        return Switch(size, median_times(taken[name, way, False]), median_times(frozen) if frozen else None)

    return SwitchReport(
        trunk_bytes=bench.tree.manifest.trunk.bytes,
        resident_bytes=resident,
        branches=tuple(
            BranchTimes(
                entry.name,
                switch(entry.name, "whole", bench.whole_bytes(entry)),
                switch(entry.name, "branch", entry.bytes),
            )
            for entry in bench.tree.manifest.branches
        ),
        cold=cold,
        repeats=repeats,
        threads=torch.get_num_threads(),
        machine=f"{platform.system()} {platform.machine()}",
    )


class _Bench:
    """Two copies of the deployed tree: one keeps its trunk, the other loads whole networks."""

    def __init__(self, folder: Path, dedicated: Mapping[str, Path]) -> None:
        self.tree = DeployedTree(folder)
        self.dedicated = dedicated
        self.other = skeleton(self.tree.manifest)
        self.picture = torch.zeros(1, 3, *self.tree.manifest.backbone.size)

    def warm_up(self) -> int:
        """Use every file once, so that it is checked and in the page cache; return the most bytes in memory."""
        most = 0
        for entry in self.tree.manifest.branches:
            self.whole(entry, dropped=False)
            self.branch(entry, dropped=False)
            self.branch(entry, dropped=False)
            most = max(most, self.tree.resident_bytes)
        return most

    def whole(self, entry: BranchEntry, dropped: bool) -> Times:
        emptied(self.other)
        path, file = self.other.path(entry.name), self.dedicated.get(entry.name)
        parts: list[FileEntry] = [self.tree.manifest.trunk, entry]
        if dropped:
            drop([file] if file else [self.tree.folder / part.file for part in parts])
        begun = time.perf_counter()
        if file:
            fill(path, file.read_bytes(), entry)
        else:
            for module, part in zip((self.other.trunk, self.other.branch(entry.name)), parts, strict=True):
                fill(module, self.tree.read(part), part)
        loaded = time.perf_counter()
        with torch.inference_mode():
            out: Tensor = path(self.picture)
        return _times(begun, loaded, out)

    def branch(self, entry: BranchEntry, dropped: bool) -> Times:
        self.tree.leave()
        if dropped:
            drop([self.tree.folder / entry.file])
        begun = time.perf_counter()
        self.tree.switch(entry.name)
        loaded = time.perf_counter()
        return _times(begun, loaded, self.tree(self.picture))

    def whole_bytes(self, entry: BranchEntry) -> int:
        file = self.dedicated.get(entry.name)
        return file.stat().st_size if file else self.tree.manifest.trunk.bytes + entry.bytes


def _times(begun: float, loaded: float, out: Tensor) -> Times:
    del out
    return Times(loaded - begun, time.perf_counter() - begun)


def median_times(times: list[Times]) -> Times:
    """Return the medians of repeats."""
    return Times(statistics.median(t.load for t in times), statistics.median(t.first_output for t in times))
