"""Results of the branches of a TreeDNN against dedicated networks, for display."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.ui.formatting import half_away, listed, minus, subtracting_digits
from core.families.treednn.results import BranchScores, TreeResults
from core.plane.interval import t_interval
from core.runs.result import Split
from core.tasks import Metric

Array = NDArray[np.float64]
# These metrics are shown as percentages; others have their own units.
_SHARES = ("accuracy", "mIoU")
_NAMED = 4
_MOST_DIGITS = 4
_VERDICTS = (
    "better on",
    "worse on",
    "no difference beyond noise (90 % interval over seeds) on",
    "one seed, so noise is unknown, on",
)


class Network(StrEnum):
    """Which network a value belongs to, in the order in which they are drawn."""

    DEDICATED = "dedicated"
    GENERALISED = "after phase 1"
    SPECIALISED = "after phase 2"


@dataclass(frozen=True, eq=False)
class BranchBars:
    """One branch's values as bars with a dot for every seed.

    Args:
        name: The branch.
        metric: Metric with its direction.
        values: Network → value of every seed, ``[n_seeds]``, NaN where a run is missing.
        top: End of the axis of this metric.
        written: Network → its mean as text.
        note: The difference as text.
    """

    name: str
    metric: str
    values: dict[Network, Array]
    top: float
    written: dict[Network, str]
    note: str


def values_of(branch: BranchScores, split: Split = "test") -> dict[Network, Array]:
    """Return network → value of every seed, ``[n_seeds]``; a graft has no phase 1."""
    found = {
        Network.DEDICATED: branch.dedicated,
        Network.GENERALISED: branch.generalised,
        Network.SPECIALISED: branch.specialised,
    }
    missing = np.full(max((len(each[split]) for each in found.values() if split in each), default=0), np.nan)
    return {
        network: np.asarray(values.get(split, missing), dtype=float)
        for network, values in found.items()
        if not (branch.is_graft and network is Network.GENERALISED)
    }


def difference(branch: BranchScores, split: Split = "test") -> Array:
    """Return the improvement of the branch over the dedicated network for each seed; negative is worse."""
    values = values_of(branch, split)
    sign = 1.0 if branch.metric.higher_is_better else -1.0
    found: Array = sign * (values[Network.SPECIALISED] - values[Network.DEDICATED])
    return found


def mean(values: Array) -> float:
    """Return the mean of the known values; NaN if there are none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def written(metric: Metric, value: float, digits: int | None = None, *, signed: bool = False) -> str:
    """Return a value of a metric as text.

    Args:
        metric: Of the value; some are written in percent.
        value: As measured.
        digits: After the point; one for percentages and three in all for others by default.
        signed: Whether it is a difference.

    >>> written(Metric("accuracy", True), 0.8912), written(Metric("mean angle", False, "°"), -1.25, signed=True)
    ('89.1 %', '−1.25 °')
    """
    if np.isnan(value):
        return "–"
    sign, scale = "+" if signed else "", scale_of(metric)
    form = ".3g" if digits is None and scale == 1 else f".{digits or 1}f"
    number = f"{half_away(scale * value):{sign}{form}}"
    unit = ("points" if signed else "%") if scale > 1 else metric.unit
    return minus(f"{number} {unit}".rstrip())


def scale_of(metric: Metric) -> int:
    """Return 100 for a metric that is written in percent, 1 for others."""
    return 100 if metric.name in _SHARES else 1


def digits_of(branch: BranchScores) -> int | None:
    """Return the digits in which the difference of a branch's means is that of the means as written."""
    values, scale = values_of(branch), scale_of(branch.metric)
    one, other = (scale * mean(values[network]) for network in (Network.SPECIALISED, Network.DEDICATED))
    largest = float(np.nan_to_num(np.abs([one, other])).max())
    if scale > 1:
        return subtracting_digits([(one, other)])
    # Three digits in all, as where nothing is compared.
    least = max(1, 2 - math.floor(math.log10(largest))) if 0 < largest < math.inf else None
    return None if least is None else subtracting_digits([(one, other)], least)


def difference_words(branch: BranchScores, *, brief: bool = False) -> str:
    """Return the mean difference to the dedicated network as text, with its 90 % interval over seeds.

    Args:
        branch: With its scores.
        brief: Whether only the ends are written, where a caption says what they are.
    """
    found = difference(branch)
    known = found[~np.isnan(found)]
    if not known.size:
        return "no seed has both networks yet"
    average, digits = float(known.mean()), digits_of(branch)
    word = "better" if average > 0 else "worse" if average < 0 else "equal"
    size = written(branch.metric, abs(average), digits, signed=True).lstrip("+")
    words = word if word == "equal" else f"{size} {word}"
    interval = t_interval(known.tolist())
    if interval is None:
        return f"{words} (one seed)"
    ends = _ends(branch.metric, interval, digits)
    if brief:
        return f"{words} ({ends[0]} to {ends[1]})"
    return f"{words} (90 % interval {ends[0]} to {ends[1]}, {known.size} seeds)"


def interval_words(branch: BranchScores) -> str:
    """Return the 90 % interval of the mean difference as text, without units; a dash with fewer than two seeds."""
    found = difference(branch)
    interval = t_interval(found[~np.isnan(found)].tolist())
    return "–" if interval is None else " to ".join(_ends(branch.metric, interval, digits_of(branch)))


def _ends(metric: Metric, interval: tuple[float, float], digits: int | None) -> list[str]:
    """Return the ends of an interval as texts without units, in digits that show on which side of 0 each one is.

    >>> _ends(Metric("accuracy", True), (-0.03701, -0.00041), 1), _ends(Metric("accuracy", True), (-0.02, 0.01), 1)
    (['−3.70', '−0.04'], ['−2.0', '+1.0'])
    """
    scale = scale_of(metric)
    least = digits or 1
    if scale > 1 or digits is not None:
        while least < _MOST_DIGITS and any(end and not round(scale * end, least) for end in interval):
            least += 1
        digits = least
    return [written(metric, end, digits, signed=True).split(" ")[0] for end in interval]


def branch_bars(results: TreeResults) -> list[BranchBars]:
    """Return the bars of every branch; branches of one metric share its axis."""
    tops: dict[Metric, float] = {}
    for branch in results.branches:
        known = np.concatenate([*values_of(branch).values()])
        highest = float(np.nanmax(known)) if not np.isnan(known).all() else 1.0
        low = 1.0 if branch.metric.name in _SHARES else 0.0
        tops[branch.metric] = max(tops.get(branch.metric, low), highest)
    bars = []
    for branch in results.branches:
        values = values_of(branch)
        digits = digits_of(branch)
        arrow = "↑" if branch.metric.higher_is_better else "↓"
        bars.append(
            BranchBars(
                name=branch.name,
                metric=f"{'graft · ' if branch.is_graft else ''}{branch.metric.name} {arrow}",
                values=values,
                top=tops[branch.metric] or 1.0,
                written={network: written(branch.metric, mean(each), digits) for network, each in values.items()},
                note=difference_words(branch, brief=True),
            )
        )
    return bars


def all_shares(results: TreeResults) -> bool:
    """Return whether the metric of every branch is shown in percent."""
    return all(branch.metric.name in _SHARES for branch in results.branches)


def results_frame(results: TreeResults) -> pd.DataFrame:
    """Return one row per branch on the test split: means, and the difference with its interval and its range."""
    rows = []
    for branch in results.branches:
        values, found = values_of(branch), difference(branch)
        known = found[~np.isnan(found)]
        interval = t_interval(known.tolist())
        rows.append(
            {
                "branch": branch.name + (" (graft)" if branch.is_graft else ""),
                "data set": branch.dataset,
                "training rows": branch.n_train,
                "metric": f"{branch.metric.name} {'↑' if branch.metric.higher_is_better else '↓'}",
                **{str(network): mean(values[network]) if network in values else None for network in Network},
                "difference": mean(found),
                "90 % interval, low": None if interval is None else interval[0],
                "90 % interval, high": None if interval is None else interval[1],
                "least": float(known.min()) if known.size else None,
                "most": float(known.max()) if known.size else None,
                "seeds": int(known.size),
            }
        )
    numbers = [*map(str, Network), "difference", "90 % interval, low", "90 % interval, high", "least", "most"]
    # Of one seed no branch has an interval, and columns of nothing are no numbers by themselves.
    return pd.DataFrame(rows).astype(dict.fromkeys(numbers, float))


def missing_words(results: TreeResults) -> str:
    """Return the missing runs as a sentence; empty if there are none."""
    gaps = [
        f"{branch.name}, {network}, seed {seed}"
        for branch in results.branches
        for network, values in values_of(branch).items()
        for seed, value in zip(results.seeds, values, strict=False)
        if np.isnan(value)
    ]
    if not gaps:
        return ""
    named = [*gaps[:_NAMED], f"{len(gaps) - _NAMED} more"] if len(gaps) > _NAMED else gaps
    return f"Without a result: {_listed(named)}."


def _listed(parts: Iterable[str]) -> str:
    return "; ".join(parts)


def summary(results: TreeResults) -> str:
    """Return on which branches the TreeDNN is better or worse, and where noise allows no answer.

    That is where Student's 90 % interval of the difference over seeds includes 0, or where one seed is all there is.
    """
    found: dict[str, list[str]] = {}
    for branch in results.branches:
        values = difference(branch)
        known = values[~np.isnan(values)]
        if known.size:
            found.setdefault(_verdict(known), []).append(branch.name)
    if not found:
        return "No branch has results of both the TreeDNN and a dedicated network yet."
    n_known = sum(map(len, found.values()))
    parts = [
        f"{verdict} {listed(found[verdict]) if len(found[verdict]) <= _NAMED else f'{len(found[verdict])} branches'}"
        for verdict in _VERDICTS
        if verdict in found
    ]
    return (
        f"TreeDNN against a dedicated network on {n_known} {'branch' if n_known == 1 else 'branches'}: "
        f"{'; '.join(parts)}."
    )


def _verdict(differences: Array) -> str:
    ends = t_interval(differences.tolist())
    if ends is None:
        return _VERDICTS[3]
    return _VERDICTS[0] if ends[0] > 0 else _VERDICTS[1] if ends[1] < 0 else _VERDICTS[2]


def proof_sentences(results: TreeResults) -> list[str]:
    """Return sentences on whether the trunk stayed unchanged, and on the start of grafts."""
    found = []
    if results.n_compared:
        n, kept = results.n_compared, results.n_unchanged
        found.append(
            f"Trunk before and after phase 2 and grafts: same SHA-256 in {kept} of {n} runs."
            if kept < n
            else f"Trunk unchanged bit for bit: same SHA-256 before and after each of {n} phase-2 runs and grafts."
        )
    for branch in results.branches:
        if branch.is_graft and branch.like and branch.alike:
            ranked = sorted(branch.alike.items(), key=lambda each: -each[1])
            others = ", ".join(f"{name} {value:.2f}" for name, value in ranked)
            found.append(
                f"{branch.name} started from {branch.like}, whose features are most similar to those of its dedicated "
                f"network (rank correlation {others})."
            )
        elif branch.is_graft and branch.like:
            found.append(f"{branch.name} started from {branch.like}.")
    return found
