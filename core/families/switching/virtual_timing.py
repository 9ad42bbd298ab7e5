"""How long a switch of a deployed virtual network takes, measured: a whole level, a level up or down, another task."""

import platform
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import torch

from core.families.switching.page_cache import drop, how_cold
from core.families.switching.report import Cold, Switch, Times
from core.families.switching.timing import REPEATS, check_numbers, median_times
from core.families.virtual.deployed import DeployedVirtual
from core.training.environment import threads as using_threads

Way = Literal["whole", "up", "down", "task"]
WAYS: Final[tuple[Way, ...]] = ("whole", "up", "down", "task")


@dataclass(frozen=True, slots=True)
class LevelSwitch:
    """One way of getting to a task's level.

    Args:
        task: Which task.
        level: Which level, from 0.
        way: From nothing, from the level below or above, or from the same level of another task.
        found: Bytes and times.
        resident_bytes: Of weights in memory afterwards.
    """

    task: str
    level: int
    way: Way
    found: Switch
    resident_bytes: int


@dataclass(frozen=True, slots=True)
class VirtualSwitchReport:
    """What was measured of a deployed virtual network on this machine.

    Args:
        switches: Every way to every task's level.
        shared_bytes: Bytes on disk of the weights that tasks share.
        own_bytes: Of norms and heads of all levels.
        cold: How sure the cold figures are.
        repeats: Repeats of each figure.
        threads: Of torch.
        machine: System and architecture.
    """

    switches: tuple[LevelSwitch, ...]
    shared_bytes: int
    own_bytes: int
    cold: Cold
    repeats: int
    threads: int
    machine: str

    def document(self) -> dict[str, Any]:
        """Return the report as a plain document."""
        return {
            "bytes": {"shared": self.shared_bytes, "own": self.own_bytes},
            "switches": [
                {
                    "task": each.task,
                    "level": each.level,
                    "way": each.way,
                    "resident_bytes": each.resident_bytes,
                    **asdict(each.found),
                }
                for each in self.switches
            ],
            "cold": {"state": self.cold.name.lower(), "measured": self.cold.is_measurable},
            "repeats": self.repeats,
            "threads": self.threads,
            "machine": self.machine,
        }


def measure_virtual(folder: Path, *, repeats: int = REPEATS, threads: int = 1) -> VirtualSwitchReport:
    """Return the times of every way to every task's level, on this machine.

    Every file was checked once before, so no hash is computed within the times. The ways take turns within each
    repeat, so that all meet the same machine.

    Args:
        folder: Where the network was deployed to.
        repeats: Repeats of each figure.
        threads: That torch computes with.

    Raises:
        FamilyError: The network can't be used, or repeats or threads are out of range.
    """
    check_numbers(repeats, threads)
    with using_threads(threads):
        return _measured(DeployedVirtual(folder), repeats)


def _measured(network: DeployedVirtual, repeats: int) -> VirtualSwitchReport:
    for name in network.names:
        for level in range(network.n_levels):
            network.switch(name, level)
    entries = network.manifest.files
    largest = max((file for file in entries if file.role == "units"), key=lambda file: file.bytes)
    cold = how_cold(network.folder / largest.path)
    temperatures = (False, True) if cold.is_measurable else (False,)
    ways, taken = list(_ways(network)), dict[tuple[int, bool], list[Times]]()
    read, resident = dict[int, int](), dict[int, int]()
    picture = torch.zeros(1, 3, *network.plan.plan.size)
    for _ in range(repeats):
        for number, (task, level, _way, before) in enumerate(ways):
            for dropped in temperatures:
                network.leave()
                if before is not None:
                    network.switch(*before)
                needed = network.needed(task, level)
                if dropped:
                    drop([network.folder / file.path for file in needed])
                begun = time.perf_counter()
                network.switch(task, level)
                loaded = time.perf_counter()
                network(picture)
                times = Times(loaded - begun, time.perf_counter() - begun)
                taken.setdefault((number, dropped), []).append(times)
                read[number], resident[number] = sum(file.bytes for file in needed), network.resident_bytes

    def switch(number: int) -> Switch:
        frozen = taken.get((number, True))
        warm = median_times(taken[number, False])
        return Switch(read[number], warm, median_times(frozen) if frozen else None)

    return VirtualSwitchReport(
        switches=tuple(
            LevelSwitch(task, level, way, switch(number), resident[number])
            for number, (task, level, way, _) in enumerate(ways)
        ),
        shared_bytes=sum(file.bytes for file in entries if file.role == "units"),
        own_bytes=sum(file.bytes for file in entries if file.role == "level"),
        cold=cold,
        repeats=repeats,
        threads=torch.get_num_threads(),
        machine=f"{platform.system()} {platform.machine()}",
    )


def _ways(network: DeployedVirtual) -> Iterator[tuple[str, int, Way, tuple[str, int] | None]]:
    """Yield task, level, way, and what was loaded before."""
    names, last = network.names, network.n_levels - 1
    for number, name in enumerate(names):
        for level in range(last + 1):
            yield name, level, "whole", None
            if level:
                yield name, level, "up", (name, level - 1)
            if level < last:
                yield name, level, "down", (name, level + 1)
            if len(names) > 1:
                yield name, level, "task", (names[number - 1], level)
