"""Response times of a switch: measured, published and computed values."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.ui.formatting import share
from core.backbones import Backbone
from core.backbones.catalogue import bundled_backbones
from core.families.switching.report import Times
from core.families.switching.results import MeasuredSwitch, by_nearness, is_of
from core.families.treednn.costs import CutBackbone, response
from core.families.treednn.published import CaseStudy

WHOLE, BRANCH = "whole network", "branch only"
# Smaller differences are within the variation between repeated measurements.
_ALIKE = 0.02


@dataclass(frozen=True, slots=True)
class Bar:
    """Times of one variant, in seconds from the request.

    Args:
        way: ``WHOLE`` or ``BRANCH``.
        load: Until the weights are in place; None if unknown.
        first_output: Until the first output, including loading.
        load_by_bytes: TreeDNN's formula for ``load``: the whole network's times the share of bytes that is read.
        first_by_bytes: The same for ``first_output``.
    """

    way: str
    load: float | None
    first_output: float
    load_by_bytes: float | None = None
    first_by_bytes: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both variants for one network with one cut.

    Args:
        name: What was measured.
        remark: Further information.
        whole: The dedicated network is loaded.
        branch: The branch is loaded, the trunk is resident.
        is_nearest: Whether it is the page's own backbone at the measured cut nearest to the page's.
        is_published: Whether it is published and was not measured here.
    """

    name: str
    remark: str
    whole: Bar
    branch: Bar
    is_nearest: bool = False
    is_published: bool = False


def comparisons(found: Sequence[MeasuredSwitch], cut_backbone: CutBackbone, *, cold: bool) -> tuple[Comparison, ...]:
    """Return the measurements, those of the page's backbone first.

    Args:
        found: All measurements.
        cut_backbone: The page's backbone and its cut.
        cold: With files dropped from the page cache; measurements without such figures are left out.
    """
    ordered = by_nearness(found, cut_backbone.backbone, cut_backbone.cut)
    pairs = [
        (each, each.report.median("whole", cold=cold), each.report.median("branch", cold=cold)) for each in ordered
    ]
    kept = [(each, whole, branch) for each, whole, branch in pairs if whole is not None and branch is not None]
    return tuple(
        _measured(each, whole, branch, is_nearest=place == 0 and is_of(each, cut_backbone.backbone))
        for place, (each, whole, branch) in enumerate(kept)
    )


def published(case: CaseStudy) -> Comparison:
    """Return TreeDNN's case; its mark uses the trunk's share that explains both memory sizes."""
    whole, branch_share = case.separate_milliseconds / 1000, 1 - case.trunk_share
    return Comparison(
        "Published in TreeDNN, a phone",
        f"{case.n_models} models of a camera; one response time each, loading and computing together",
        Bar(WHOLE, None, whole),
        Bar(BRANCH, None, case.tree_milliseconds / 1000, first_by_bytes=response(whole, branch_share)),
        is_published=True,
    )


def conclusion(found: Comparison) -> str:
    """Return the effect of a resident trunk as text."""
    whole, branch = found.whole, found.branch
    if whole.load is None or branch.load is None or branch.first_by_bytes is None:
        return f"{_change(whole.first_output, branch.first_output, 'The first output comes')}."
    return (
        f"{_change(whole.load, branch.load, 'The weights are in place')}. "
        f"{_change(whole.first_output, branch.first_output, 'The first output comes')}: {_computing(whole, branch)}. "
        f"TreeDNN's formula, by bytes alone, predicts {milliseconds(branch.first_by_bytes)}."
    )


def _computing(whole: Bar, branch: Bar) -> str:
    """Return how long computing takes with both: what is left of the times as written, which a reader subtracts."""
    times = [milliseconds(max(_written(bar.first_output) - _written(bar.load or 0.0), 0.0)) for bar in (branch, whole)]
    if times[0] == times[1]:
        return f"computing takes {times[0]} either way"
    return f"computing takes {times[0]} instead of {times[1]}"


def milliseconds(seconds: float) -> str:
    """Return a time in three digits.

    >>> milliseconds(0.0026), milliseconds(0.228), milliseconds(1.2)
    ('2.6 ms', '228 ms', '1200 ms')
    """
    return f"{1000 * seconds:.{_digits(seconds)}f} ms"


def _digits(seconds: float) -> int:
    return 0 if 1000 * seconds >= 100 else 1


def _written(seconds: float) -> float:
    """Return a time as it is written, in seconds."""
    return round(1000 * seconds, _digits(seconds)) / 1000


def _change(before: float, after: float, what: str) -> str:
    times = f"{what} after {milliseconds(after)} instead of {milliseconds(before)}"
    part = 1 - after / before if before else 0.0
    if abs(part) < _ALIKE:
        return f"{times}, about the same"
    return f"{times}, {share(abs(part))} {'faster' if part > 0 else 'slower'}"


def _measured(found: MeasuredSwitch, whole: Times, branch: Times, *, is_nearest: bool) -> Comparison:
    part = found.loaded_share
    return Comparison(
        f"{found.backbone}, trunk of {found.cut} of {found.n_blocks} blocks",
        f"trunk: {share(found.trunk_share)} of the parameters; a switch reads {share(part)} of the bytes",
        Bar(WHOLE, whole.load, whole.first_output),
        Bar(BRANCH, branch.load, branch.first_output, response(whole.load, part), response(whole.first_output, part)),
        is_nearest=is_nearest,
    )


def backbone_expression(backbone: Backbone) -> str:
    """Return the Python expression that makes a backbone; empty if unknown."""
    if backbone.builder:
        return backbone.builder
    return f"torchvision.models.{backbone.name}()" if backbone.name in bundled_backbones() else ""
