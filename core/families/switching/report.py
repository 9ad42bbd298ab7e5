"""What was measured of switching between the tasks of a deployed tree: a value that pages can read without torch."""

import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.bounded_number import Count, Seconds
from core.errors import FamilyError


class Cold(StrEnum):
    """Certainty that a read meets a cold page cache; the value is shown to users."""

    CONFIRMED = "the files were dropped from the page cache before each read, and were seen to be gone"
    ASKED = (
        "the system was asked to drop the files from the page cache before each read; it does not say whether it did"
    )
    STILL_THERE = "the system was asked to drop the files from the page cache, but keeps them: no cold figures"
    UNAVAILABLE = "this system has no way to drop a file from the page cache: no cold figures"

    @property
    def is_measurable(self) -> bool:
        """Whether figures for a cold cache mean anything."""
        return self in (Cold.CONFIRMED, Cold.ASKED)


@dataclass(frozen=True, slots=True)
class Times:
    """Medians over the repeats, in seconds from the request.

    Args:
        load: Until the weights are in place.
        first_output: Until the answer to one picture is there; loading is part of it.
    """

    load: Seconds
    first_output: Seconds


@dataclass(frozen=True, slots=True)
class Switch:
    """One way of getting to a task.

    Args:
        bytes: Read from disk.
        warm: With the files in the page cache.
        cold: With the files dropped from it; None where the system can't.
    """

    bytes: Count
    warm: Times
    cold: Times | None


@dataclass(frozen=True, slots=True)
class BranchTimes:
    """One task: both ways of getting to it.

    Args:
        name: Of the branch.
        whole: Its dedicated network is loaded, trunk and branch.
        branch: Its branch is loaded, the trunk is resident.
    """

    name: str
    whole: Switch
    branch: Switch


@dataclass(frozen=True, slots=True)
class SwitchReport:
    """What was measured of a deployed tree on this machine.

    Args:
        trunk_bytes: Bytes on disk of the trunk.
        resident_bytes: Bytes of weights in memory with the trunk and the largest branch.
        branches: Times of every branch.
        cold: How sure the cold figures are.
        repeats: Repeats of each figure.
        threads: Of torch.
        machine: System and architecture.
    """

    trunk_bytes: Count
    resident_bytes: Count
    branches: tuple[BranchTimes, ...]
    cold: Cold
    repeats: Count
    threads: Count
    machine: str

    @property
    def tree_bytes(self) -> int:
        """Bytes on disk of the trunk and every branch."""
        return self.trunk_bytes + sum(branch.branch.bytes for branch in self.branches)

    @property
    def separate_bytes(self) -> int:
        """Bytes on disk of a dedicated network per task."""
        return sum(branch.whole.bytes for branch in self.branches)

    def median(self, way: str, *, cold: bool) -> Times | None:
        """Return the median over the branches of their medians.

        Args:
            way: ``whole`` or ``branch``.
            cold: With a cold page cache, or a warm one.
        """
        switches: list[Switch] = [getattr(branch, way) for branch in self.branches]
        found = [times for switch in switches if (times := switch.cold if cold else switch.warm) is not None]
        if not found:
            return None
        return Times(
            statistics.median(times.load for times in found), statistics.median(times.first_output for times in found)
        )

    def document(self) -> dict[str, Any]:
        """Return the report as a plain document."""
        return asdict(self)

    @staticmethod
    def of(document: Mapping[str, Any]) -> "SwitchReport":
        """Return the report of a document.

        Raises:
            FamilyError: It is none.
        """
        try:
            return _REPORT.validate_python(document)
        except ValidationError:
            raise FamilyError("The measurement of switching is damaged. Measure again.") from None


_REPORT = TypeAdapter(SwitchReport)
