"""What earlier tasks reach before and after later ones are learned, with and without distillation."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.charts.means_map import METRIC, cell_words
from app.ui.formatting import listed
from app.ui.seed_means import Array, Mean
from app.virtual.accuracy_model import difference_words
from core.families.rivals.results import RivalResults
from core.families.virtual.results import VirtualResults, VirtualScores
from core.runs.result import Split


@dataclass(frozen=True, slots=True)
class Held:
    """What one task reached on one level of one network that learns tasks in sequence.

    Args:
        network: Name.
        distilled: What holds earlier answers, in words; empty for a rival, whose name says it.
        task: Number of the task.
        stages: First metric after it was learned and after each later task.
        change: From the first of these to the last, seed by seed.
    """

    network: str
    distilled: str
    task: int
    stages: tuple[Mean, ...]
    change: Mean


def sequences(results: VirtualResults) -> list[VirtualScores]:
    """Return the trained networks that learn tasks in sequence."""
    return [network for network in results.networks if network.training == "sequence" and network.payloads]


def distilled_words(network: VirtualScores) -> str:
    """Return what holds earlier answers."""
    if not network.distillation:
        return "without distillation"
    return "with distillation" if network.distillation == 1 else f"distillation × {network.distillation:g}"


def titled(name: str, distilled: str) -> str:
    """Return the name of a network with what holds earlier answers, unless that is its name.

    >>> titled("in turn", "with distillation"), titled("without distillation", "without distillation")
    ('in turn (with distillation)', 'without distillation')
    """
    return name if distilled in ("", name) else f"{name} ({distilled})"


def held(network: VirtualScores, level: int, split: Split) -> list[Held]:
    """Return what each task reached from its turn on.

    Args:
        network: One that learns in sequence.
        level: From 0.
        split: Where metrics were measured.
    """
    return _held(network.name, distilled_words(network), network.stages[split], level)


def _held(name: str, distilled: str, stages: Array, level: int) -> list[Held]:
    """Return what each task reached from its turn on; ``[n_seeds, n_stages, n_tasks, n_levels]``."""
    found = []
    for task in range(stages.shape[2]):
        values = stages[:, task:, task, level]
        found.append(
            Held(
                name,
                distilled,
                task,
                tuple(Mean.of(values[:, stage]) for stage in range(values.shape[1])),
                Mean.of(values[:, -1] - values[:, 0]),
            )
        )
    return found


def rivals_held(rivals: RivalResults | None, split: Split) -> list[list[Held]]:
    """Return what each task reached from its turn on with each rival that learns tasks in sequence.

    Args:
        rivals: Of the same study; their networks have no levels.
        split: Where metrics were measured.
    """
    found = []
    for method in () if rivals is None else rivals.methods:
        stages = method.stages.get(split)
        if stages is not None and np.isfinite(stages).any():
            found.append(_held(method.title, "", stages[:, :, :, None], 0))
    return found


def all_held(results: VirtualResults, rivals: RivalResults | None, level: int, split: Split) -> list[list[Held]]:
    """Return what each task reached from its turn on: of the study's networks, then of rivals.

    Args:
        results: Of the study.
        rivals: Of the same study, or None.
        level: From 0.
        split: Where metrics were measured.
    """
    return [held(network, level, split) for network in sequences(results)] + rivals_held(rivals, split)


def sequence_frame(results: VirtualResults, rivals: RivalResults | None, level: int, split: Split) -> pd.DataFrame:
    """Return one row for each task of each network: its first metric in its turn and at the end, and the change.

    Args:
        results: Of the study.
        rivals: Of the same study, or None.
        level: From 0.
        split: Where metrics were measured.
    """
    rows = []
    for of_network in all_held(results, rivals, level, split):
        for each in of_network:
            task = results.tasks[each.task]
            rows.append(
                {
                    "network": titled(each.network, each.distilled),
                    "task": task.name,
                    "change": _change_words(each),
                    "in its turn": cell_words(each.stages[0], METRIC),
                    "at the end": cell_words(each.stages[-1], METRIC),
                    "metric": task.metrics[0].name,
                    "single-task network": cell_words(Mean.of(results.singles[split][:, each.task]), METRIC),
                    "seeds": each.change.n_seeds,
                }
            )
    return pd.DataFrame(rows)


def sequence_numbers(results: VirtualResults, rivals: RivalResults | None, level: int, split: Split) -> pd.DataFrame:
    """Return the same rows as numbers, for a file: means over seeds with the ends of their 90 % intervals.

    Args:
        results: Of the study.
        rivals: Of the same study, or None.
        level: From 0.
        split: Where metrics were measured.
    """
    rows = []
    for each in (each for of_network in all_held(results, rivals, level, split) for each in of_network):
        task = results.tasks[each.task]
        row: dict[str, object] = {"network": titled(each.network, each.distilled), "task": task.name}
        row |= {"metric": task.metrics[0].name, "split": split, "level": level + 1, "seeds": each.change.n_seeds}
        means = {"in its turn": each.stages[0], "at the end": each.stages[-1], "change": each.change}
        for name, mean in means.items():
            low, high = mean.interval or (None, None)
            row |= {name: mean.value, f"{name}, low": low, f"{name}, high": high}
        rows.append(row)
    return pd.DataFrame(rows)


def _change_words(each: Held) -> str:
    """Return the change in hundredths of the metric; the last task has none."""
    if len(each.stages) == 1:
        return "last"
    change = each.change
    interval = None if change.interval is None else (100 * change.interval[0], 100 * change.interval[1])
    return difference_words(Mean(100 * change.value, interval, change.n_seeds))


def lost_sentence(results: VirtualResults, level: int, split: Split) -> str:
    """Return how much of their first metric earlier tasks lost, network by network.

    Args:
        results: Of the study.
        level: From 0.
        split: Where metrics were measured.
    """
    said = []
    for network in sequences(results):
        changes = network.stages[split]
        n_tasks = changes.shape[2]
        lost = [changes[:, -1, task, level] - changes[:, task, task, level] for task in range(n_tasks - 1)]
        mean = Mean.of(100 * np.mean(lost, axis=0)) if lost else Mean.of([])
        if mean.n_seeds:
            said.append(f"{titled(network.name, distilled_words(network))} {difference_words(mean)}")
    if not said:
        return ""
    return (
        "From their turn to the end of the sequence, earlier tasks change by (hundredths of the first metric, mean "
        f"over them): {listed(said)}."
    )
