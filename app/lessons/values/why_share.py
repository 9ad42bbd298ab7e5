"""Numbers of the first lesson: pairs of tasks of ``mnist5k4``, made-up pairs, and a published table."""

import csv
from functools import cache

import numpy as np
from numpy.typing import NDArray

from app.lessons.bundled import study
from app.ui.formatting import count, number_word, percent, share
from app.ui.paths import ASSETS
from core.plane.interval import t_interval

STUDY = "mnist5k4"
# One gains and the other one loses.
ONE, OTHER = "class", "slant"
# Written by benchmarks/relatedness.py.
RELATED = ASSETS / "lessons" / "relatedness.csv"
# TreeMTL, Table 2: single-task value and that of one network for all, and whether lower is better by its arrows.
TABLE_2 = {
    "segmentation": (0.5217, 0.5994, True),
    "normals": (0.8070, 0.8390, False),
    "depth": (0.0220, 0.0265, True),
    "keypoints": (0.2024, 0.1947, True),
    "edges": (0.2140, 0.2072, True),
}


def values() -> dict[str, str]:
    """Return placeholder → words."""
    shown = study(STUDY)
    n_blocks = shown.n_blocks
    asked = shown.specification
    assert asked is not None
    n_train = getattr(asked.dataset, "n_train", 0)
    single = shown.baselines["validation"]
    gains = {name: sign * value for name, (value, sign) in published().items()}
    forgotten = [value for value, _ in published().values()]
    all_shared = n_blocks
    best = max(range(1, n_blocks + 1), key=lambda b: mean(OTHER, ONE, b))
    return {
        "one": ONE,
        "other": OTHER,
        "n_train": count(int(n_train)),
        "n_seeds": number_word(len(pair(ONE, OTHER, 1))),
        "n_blocks": number_word(n_blocks),
        "one_alone": share(single[ONE]["accuracy"]),
        "other_alone": f"{single[OTHER]['MAE']:.1f}",
        "one_gain": percent(mean(ONE, OTHER, all_shared)),
        "other_gain": percent(mean(OTHER, ONE, all_shared)),
        "other_interval": interval_words(pair(OTHER, ONE, all_shared)),
        "best_blocks": number_word(best),
        "best_one": percent(mean(ONE, OTHER, best)),
        "best_other": percent(mean(OTHER, ONE, best)),
        "first_other": interval_words(pair(OTHER, ONE, best)),
        "partner_best": best_partner(OTHER, all_shared),
        "partner_gain": percent(mean(OTHER, best_partner(OTHER, all_shared), all_shared)),
        "partner_first": best_partner(OTHER, 1),
        "partner_first_gain": percent(mean(OTHER, best_partner(OTHER, 1), 1)),
        "strangers": percent(float(related(0.0, 3).mean())),
        "strangers_interval": interval_words(related(0.0, 3)),
        "halfway": percent(float(related(0.5, 3).mean())),
        "twins_interval": interval_words(related(1.0, 3)),
        "n_made_up": number_word(len(related(0.0, 3))),
        "published": percent(float(np.mean(list(gains.values())))),
        "forgotten": percent(float(np.mean(forgotten))),
        "published_depth": percent(gains["depth"]),
        "forgotten_depth": percent(published()["depth"][0]),
        "n_lower": number_word(sum(lower for *_, lower in TABLE_2.values())),
        "n_published": number_word(len(TABLE_2)),
    }


def pair(task: str, partner: str, shared: int) -> NDArray[np.float64]:
    """Return the gains of a task beside a partner, percent, ``[n_seeds]``.

    Args:
        task: Whose gain.
        partner: With whom it was trained.
        shared: How many blocks they share.
    """
    table = study(STUDY).table
    assert table.samples is not None
    i, j = table.tasks.index(task), table.tasks.index(partner)
    found: NDArray[np.float64] = table.samples[:, i, j, shared]
    return found


def mean(task: str, partner: str, shared: int) -> float:
    """Return the mean of ``pair`` over seeds."""
    return float(pair(task, partner, shared).mean())


def partners(task: str) -> list[str]:
    """Return the other tasks."""
    return [name for name in study(STUDY).task_names if name != task]


def best_partner(task: str, shared: int) -> str:
    """Return the task beside which another one gains most when they share some blocks."""
    return max(partners(task), key=lambda partner: mean(task, partner, shared))


def interval_words(gains: NDArray[np.float64]) -> str:
    """Return a 90 % interval of a mean gain in words."""
    ends = t_interval(gains.tolist())
    assert ends is not None
    return f"{percent(ends[0])} to {percent(ends[1])}"


def published() -> dict[str, tuple[float, int]]:
    """Return task → relative change in percent, and the sign that makes it a gain."""
    return {
        name: (100 * (value - alone) / alone, -1 if lower else 1) for name, (alone, value, lower) in TABLE_2.items()
    }


def related(relatedness: float, shared: int) -> NDArray[np.float64]:
    """Return the gains of made-up pairs, mean of both tasks, percent, ``[n_seeds]``.

    Args:
        relatedness: Correlation of their answers before these are cut into classes.
        shared: How many blocks they share.
    """
    rows = [row for row in _rows() if row[0] == relatedness and row[2] == shared]
    seeds = sorted({row[1] for row in rows})
    return np.array([np.mean([row[3] for row in rows if row[1] == seed]) for seed in seeds])


def levels() -> list[float]:
    """Return the values of relatedness for which pairs were trained."""
    return sorted({row[0] for row in _rows()})


@cache
def _rows() -> tuple[tuple[float, int, int, float], ...]:
    with RELATED.open(encoding="utf-8", newline="") as file:
        return tuple(
            (
                float(row["relatedness"]),
                int(row["seed"]),
                int(row["shared"]),
                100 * (float(row["accuracy"]) / float(row["alone"]) - 1),
            )
            for row in csv.DictReader(file)
        )
