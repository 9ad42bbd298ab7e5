"""What levels reach, beside networks trained for one level alone, and how orders differ seed by seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from app.charts.means_map import GAIN
from app.ui.formatting import ONE_SEED, percent
from app.ui.seed_means import Array, Mean
from core.families.rivals.results import RivalResults
from core.families.virtual.payload import LevelRecord
from core.families.virtual.points import BYTES
from core.families.virtual.results import VirtualResults, VirtualScores
from core.families.virtual.totals import densities
from core.runs.result import Split

ALONE = "trained alone"


class Against(StrEnum):
    """What accuracy is drawn against; the value is its code in the address."""

    BYTES = "bytes"
    DENSITY = "weights"
    MACS = "macs"


@dataclass(frozen=True, slots=True)
class Line:
    """What one network, or several of one kind, reached of one task.

    Args:
        name: Of the network or method.
        costs: Bytes with heads, percent of the weights between channels, or multiply-accumulates.
        means: Mean over seeds at each.
        kind: ``network``, ``alone`` or ``rival``.
    """

    name: str
    costs: tuple[float, ...]
    means: tuple[Mean, ...]
    kind: str


def level_costs(records: Sequence[LevelRecord], against: Against, n_units: int, base: float) -> tuple[float, ...]:
    """Return the cost of each level of a task.

    Args:
        records: Of the levels.
        against: Which cost.
        n_units: Number of units.
        base: Share of the channels that every level has.
    """
    if against is Against.DENSITY:
        return tuple(100 * float(each) for each in densities(n_units, base)[: len(records)])
    if against is Against.MACS:
        return tuple(float(record.macs) for record in records)
    return tuple(float(BYTES * record.params) for record in records)


def task_lines(
    results: VirtualResults,
    networks: Sequence[int],
    rivals: RivalResults | None,
    task: int,
    against: Against,
    split: Split,
    what: str,
) -> list[Line]:
    """Return the lines of one task: chosen networks, levels trained alone, rivals.

    Args:
        results: With a trained network.
        networks: Places of the networks.
        rivals: Of the same study; those with another cost than the requested one are left out.
        task: Number of the task.
        against: What is drawn against.
        split: Where values were measured.
        what: ``GAIN`` or ``METRIC``.
    """
    payload = results.payload
    assert payload is not None
    costs = level_costs(payload.records[task], against, results.n_levels, results.division.base)
    lines = []
    for place in networks:
        network = results.networks[place]
        values = (network.gains if what == GAIN else network.values)[split][:, task]
        lines.append(Line(network.name, costs, _means(values), "network"))
    if results.alone is not None:
        values = (results.alone.gains if what == GAIN else results.alone.values)[split][:, task]
        lines.append(Line(ALONE, costs, _means(values), "alone"))
    lines += _rivals(rivals, task, against, split, what)
    return [line for line in lines if any(mean.n_seeds for mean in line.means)]


def _means(values: Array) -> tuple[Mean, ...]:
    """Return the mean over seeds on each level; ``[n_seeds, n_levels]``."""
    return tuple(Mean.of(values[:, level]) for level in range(values.shape[1]))


def _rivals(rivals: RivalResults | None, task: int, against: Against, split: Split, what: str) -> list[Line]:
    if rivals is None or against is Against.DENSITY:
        return []
    lines = []
    for method in rivals.methods:
        values = (method.gains if what == GAIN else method.values)[split][:, task]
        if not method.payloads:
            continue
        payloads = method.payloads
        if against is Against.MACS:
            cost = float(np.mean([payload.macs[task] for payload in payloads]))
        else:
            cost = BYTES * float(np.mean([each.used_params[task] + each.head_params[task] for each in payloads]))
        lines.append(Line(method.title, (cost,), (Mean.of(values),), "rival"))
    return lines


def accuracy_frame(results: VirtualResults, rivals: RivalResults | None, split: Split) -> pd.DataFrame:
    """Return one row for each network, task and level: Δ and first metric with their intervals, and costs."""
    rows: list[dict[str, object]] = []
    networks = range(len(results.networks))
    for t, task in enumerate(results.tasks):
        of_bytes, of_macs = (
            [task_lines(results, networks, rivals, t, against, split, what) for what in (GAIN, "metric")]
            for against in (Against.BYTES, Against.MACS)
        )
        for gain, value, computed in zip(*of_bytes, of_macs[0], strict=True):
            for level in range(len(gain.costs)):
                found, reached = gain.means[level], value.means[level]
                low, high = found.interval or (float("nan"), float("nan"))
                rows.append(
                    {
                        "network": gain.name,
                        "task": task.name,
                        "level": "–" if gain.kind == "rival" else str(level + 1),
                        "bytes": gain.costs[level],
                        "MACs": computed.costs[level],
                        "Δ": found.value,
                        "Δ low": low,
                        "Δ high": high,
                        "metric": task.metrics[0].name,
                        "value": reached.value,
                        "± value": reached.half,
                        "seeds": found.n_seeds,
                    }
                )
    return pd.DataFrame(rows)


def difference(network: VirtualScores, other: VirtualScores, split: Split) -> list[Mean]:
    """Return by how many points of Δ, mean over tasks, a network is better than another on each level, paired by seed.

    Args:
        network: The one.
        other: The other.
        split: Where gains were measured.
    """
    apart = (network.gains[split] - other.gains[split]).mean(axis=1)
    return [Mean.of(apart[:, level]) for level in range(apart.shape[1])]


def difference_words(apart: Mean) -> str:
    """Return a difference with its interval; whether it is within noise.

    >>> difference_words(Mean(-0.25, (-1.0, 0.5), 3)), difference_words(Mean(9.0, (8.0, 10.0), 3))
    ('−0.3 ± 0.8, within noise', '+9.0 ± 1.0')
    """
    if not apart.n_seeds:
        return "–"
    points = percent(apart.value).removesuffix(" %")
    if apart.interval is None:
        return f"{points} ({ONE_SEED})"
    low, high = apart.interval
    return f"{points} ± {apart.half:.1f}{', within noise' if low <= 0 <= high else ''}"


def differences_frame(results: VirtualResults, reference: int, split: Split) -> pd.DataFrame:
    """Return one row for each other jointly trained network: by how many points it differs on each level, in words.

    Args:
        results: Of the study.
        reference: Place of the network that others are compared with.
        split: Where gains were measured.
    """
    base, rows = results.networks[reference], []
    for place, network in enumerate(results.networks):
        if place == reference or not network.payloads:
            continue
        apart = difference(network, base, split)
        rows.append(
            {
                "network": network.name,
                **{f"level {level + 1}": difference_words(each) for level, each in enumerate(apart)},
                "seeds": min(each.n_seeds for each in apart),
            }
        )
    return pd.DataFrame(rows)
