"""Switches that were measured before and come with Branchwise: which backbone, which cut, and the report."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

import core
from core.backbones.backbone import Backbone
from core.bounded_number import Count, Share
from core.errors import FamilyError
from core.families.switching.report import SwitchReport
from core.families.treednn.costs import check_cut

# ``assets`` is next to ``core``, in a checkout as well as in an installed package.
FILE: Final = Path(core.__file__).parent.parent / "assets" / "switching.json"


@dataclass(frozen=True, slots=True)
class MeasuredSwitch:
    """Switching between the branches of one backbone with one cut, as it was measured.

    Args:
        backbone: Name of its profile.
        cut: Number of leading blocks in the trunk, 0 to B.
        n_blocks: Number of blocks B.
        trunk_share: Share of the parameters of all blocks in the trunk; heads are not counted.
        measured: On which day.
        command: What measured it.
        report: Times and bytes.

    Raises:
        FamilyError: The cut lies outside the backbone, the share outside 0 to 1, or no branch was measured.
    """

    backbone: str
    cut: Count
    n_blocks: Count
    trunk_share: Share
    measured: date
    command: str
    report: SwitchReport

    def __post_init__(self) -> None:
        check_cut(self.cut, self.n_blocks, self.backbone)
        if not 0 <= self.trunk_share <= 1:
            raise FamilyError(f"A trunk can't hold {self.trunk_share:g} of a network. Give a share of 0 to 1.")
        if not self.report.branches or self.report.separate_bytes <= 0:
            raise FamilyError(f"The measurement of {self.backbone} holds no branch. Measure again.")

    @property
    def loaded_share(self) -> float:
        """Share of the bytes of a whole network that a switch reads: the mean branch with its head."""
        return sum(branch.branch.bytes for branch in self.report.branches) / self.report.separate_bytes

    def document(self) -> dict[str, Any]:
        """Return the measurement as a plain document, which ``switching_of`` reads."""
        return {**asdict(self), "measured": self.measured.isoformat()}


def read_switchings(content: bytes) -> tuple[MeasuredSwitch, ...]:
    """Return the measurements in a file.

    Raises:
        FamilyError: It holds something else.
    """
    try:
        return _SWITCHES.validate_json(content)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = " › ".join(str(step) for step in first["loc"]) or "the whole file"
        raise FamilyError(f"The file of measured switches is damaged at {where}. Measure again.") from None


def write_switchings(found: Sequence[MeasuredSwitch]) -> bytes:
    """Return measurements as the content of a file."""
    return (json.dumps([each.document() for each in found], indent=1, ensure_ascii=False) + "\n").encode()


@cache
def bundled_switchings() -> tuple[MeasuredSwitch, ...]:
    """Return the measurements that come with Branchwise; empty where there are none.

    Raises:
        FamilyError: The file is damaged.
    """
    return read_switchings(FILE.read_bytes()) if FILE.exists() else ()


def by_nearness(found: Sequence[MeasuredSwitch], backbone: Backbone, cut: int) -> tuple[MeasuredSwitch, ...]:
    """Return measurements with those of a backbone first, its nearest cuts at the front.

    Args:
        found: All measurements.
        backbone: The backbone to compare with; the same name and number of blocks make it the same.
        cut: Its cut; nearness is counted in blocks.
    """

    def key(each: MeasuredSwitch) -> tuple[bool, int]:
        own = is_of(each, backbone)
        return not own, abs(each.cut - cut) if own else 0

    return tuple(sorted(found, key=key))


def is_of(found: MeasuredSwitch, backbone: Backbone) -> bool:
    """Return whether a measurement is of this very backbone."""
    return found.backbone == backbone.name and found.n_blocks == backbone.n_blocks


_SWITCHES: Final = TypeAdapter(tuple[MeasuredSwitch, ...])


def switching_of(document: Mapping[str, Any]) -> MeasuredSwitch:
    """Return the measurement in the result of a run.

    Raises:
        FamilyError: It is none.
    """
    try:
        return _SWITCH.validate_python(document)
    except ValidationError:
        raise FamilyError("The measurement of switching is damaged. Measure again.") from None


_SWITCH: Final = TypeAdapter(MeasuredSwitch)
