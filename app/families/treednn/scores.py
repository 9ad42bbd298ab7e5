"""What the branches of a tree reached against dedicated networks, ready to be shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.ui.formatting import listed
from core.families.treednn.results import BranchScores, TreeResults
from core.runs.result import Split
from core.tasks import Metric

Array = NDArray[np.float64]
# Shares of right answers are read as percentages; other metrics have units of their own.
_SHARES = ("accuracy", "mIoU")
_NAMED = 4


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
        top: Where the axis of this metric ends.
        written: Network → its mean as a person reads it.
        note: The difference in words.
    """

    name: str
    metric: str
    values: dict[Network, Array]
    top: float
    written: dict[Network, str]
    note: str


def values_of(branch: BranchScores, split: Split = "test") -> dict[Network, Array]:
    """Return network → value of every seed, ``[n_seeds]``; a graft took no part in phase 1."""
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


def better_by(branch: BranchScores, split: Split = "test") -> Array:
    """Return how much better the grown branch is than the dedicated network, seed by seed; negative is worse."""
    values = values_of(branch, split)
    sign = 1.0 if branch.metric.higher_is_better else -1.0
    found: Array = sign * (values[Network.SPECIALISED] - values[Network.DEDICATED])
    return found


def mean(values: Array) -> float:
    """Return the mean of the values that are there; NaN where none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def written(metric: Metric, value: float, *, signed: bool = False) -> str:
    """Return a value of a metric as a person reads it.

    >>> written(Metric("accuracy", True), 0.8912), written(Metric("mean angle", False, "°"), -1.25, signed=True)
    ('89.1 %', '−1.25 °')
    """
    if np.isnan(value):
        return "–"
    if metric.name in _SHARES:
        text = f"{100 * value:{'+' if signed else ''}.1f} {'points' if signed else '%'}"
    else:
        text = f"{value:{'+' if signed else ''}.3g} {metric.unit}".rstrip()
    return text.replace("-", "−")


def difference_words(branch: BranchScores) -> str:
    """Return in words how much better or worse the grown branch is, and between which seeds that lies."""
    found = better_by(branch)
    known = found[~np.isnan(found)]
    if not known.size:
        return "no seed has both networks yet"
    average = float(known.mean())
    word = "better" if average > 0 else "worse" if average < 0 else "alike"
    size = written(branch.metric, abs(average), signed=True).lstrip("+")
    words = word if word == "alike" else f"{size} {word}"
    if known.size == 1:
        return f"{words} (one seed)"
    ends = [written(branch.metric, float(end), signed=True).split(" ")[0] for end in (known.min(), known.max())]
    return f"{words} ({ends[0]} to {ends[1]} over {known.size} seeds)"


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
        arrow = "↑" if branch.metric.higher_is_better else "↓"
        bars.append(
            BranchBars(
                name=branch.name,
                metric=f"{'graft · ' if branch.is_graft else ''}{branch.metric.name} {arrow}",
                values=values,
                top=tops[branch.metric] or 1.0,
                written={network: written(branch.metric, mean(each)) for network, each in values.items()},
                note=difference_words(branch),
            )
        )
    return bars


def all_shares(results: TreeResults) -> bool:
    """Return whether every branch is judged by a share of right answers, which is read in percent."""
    return all(branch.metric.name in _SHARES for branch in results.branches)


def results_frame(results: TreeResults) -> pd.DataFrame:
    """Return one row per branch on the test split: means, and the difference with its range over seeds."""
    rows = []
    for branch in results.branches:
        values, found = values_of(branch), better_by(branch)
        known = found[~np.isnan(found)]
        rows.append(
            {
                "branch": branch.name + (" (graft)" if branch.is_graft else ""),
                "data set": branch.dataset,
                "training rows": branch.n_train,
                "metric": f"{branch.metric.name} {'↑' if branch.metric.higher_is_better else '↓'}",
                **{str(network): mean(values[network]) if network in values else None for network in Network},
                "better by": mean(found),
                "least": float(known.min()) if known.size else None,
                "most": float(known.max()) if known.size else None,
                "seeds": int(known.size),
            }
        )
    return pd.DataFrame(rows)


def missing_words(results: TreeResults) -> str:
    """Return in words which runs are missing; empty where none is."""
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
    return f"Not trained yet, or without a result: {_listed(named)}."


def _listed(parts: Iterable[str]) -> str:
    return "; ".join(parts)


def summary(results: TreeResults) -> str:
    """Return in words on how many branches the tree does better, and where it loses."""
    means = {branch.name: mean(better_by(branch)) for branch in results.branches}
    known = {name: value for name, value in means.items() if not np.isnan(value)}
    if not known:
        return "No branch has both a grown and a dedicated network yet."
    worse = [name for name, value in known.items() if value < 0]
    words = f"On {len(known) - len(worse)} of {len(known)} branches the tree is at least as good as a dedicated network"
    if not worse:
        return words + "."
    return f"{words}; worse on {listed(worse) if len(worse) <= _NAMED else f'{len(worse)} branches'}."


def proof_sentences(results: TreeResults) -> list[str]:
    """Return whether the trunk stayed as it was, and where grafts started from."""
    said = []
    if results.n_compared:
        n, kept = results.n_compared, results.n_unchanged
        said.append(
            f"Trunk before and after every second phase and graft: the same SHA-256 in {kept} of {n} runs."
            if kept < n
            else f"The trunk stayed bit for bit the same: one SHA-256 before and after each of the {n} second phases "
            "and grafts."
        )
    for branch in results.branches:
        if branch.is_graft and branch.like and branch.alike:
            ranked = sorted(branch.alike.items(), key=lambda each: -each[1])
            others = ", ".join(f"{name} {value:.2f}" for name, value in ranked)
            said.append(
                f"{branch.name} started from {branch.like}, whose features are the most like those of its own network "
                f"(rank correlation {others})."
            )
        elif branch.is_graft and branch.like:
            said.append(f"{branch.name} started from {branch.like}.")
    return said
