"""What measured layouts are, whichever family measured them: a table, trained layouts, baselines."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.estimators import TwoTaskTable
from core.layouts import Layout
from core.runs.result import Split

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Oracle:
    """Layouts that were trained, and the Δ each task reached.

    Args:
        layouts: The trained layouts.
        seeds: Seeds they were trained from; disjoint from those of the table.
        validation: Δ on the validation split, ``[n_seeds, n_layouts, n_tasks]``, percent.
        test: Δ on the test split, same shape. What a page calls *trained*.
    """

    layouts: tuple[Layout, ...]
    seeds: tuple[int, ...]
    validation: Array = field(repr=False)
    test: Array = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class LayoutResults:
    """What the layout pages show of a study.

    Args:
        table: Two-task table on the validation split; holes where nothing is measured.
        oracle: Trained layouts, or None.
        baselines: Split → task → metric → mean of the single-task value over the table's seeds; over those of whatever
            else is requested where no table is.
        head_params: Parameters of each task's head, where known.
        table_seeds: The seeds of the table's samples, in their order; empty where nothing is measured.
    """

    table: TwoTaskTable
    oracle: Oracle | None = None
    baselines: Mapping[Split, Mapping[str, Mapping[str, float]]] = field(default_factory=dict, repr=False)
    head_params: tuple[int, ...] = ()
    table_seeds: tuple[int, ...] = ()
