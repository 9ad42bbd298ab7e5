"""The affinity tensor as tables and files."""

import io
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from app.affinity.model import ranks_kept
from app.affinity.subject import Subject
from app.ui.downloads import csv_button
from app.ui.formatting import minus
from app.ui.glossary import explain
from app.ui.interval_column import INTERVAL, with_interval_column
from app.ui.presenting import is_presenting
from app.ui.written_table import WHOLE, Writer, show_written
from core.affinity.distance import proportions
from core.affinity.recombined import RecombinedLosses
from core.affinity.resampling import scores_of_seeds, varied
from core.affinity.tournament import Eigenvector

_OVER_SEEDS = "90 % interval of the affinity over seeds, by Student’s distribution."
_EFFECT = (
    "By how many percent of itself a step of {} on this block lowers {} loss, the mean over training and seeds; "
    "below 0 it raises it"
)


def _three_digits(value: float) -> str:
    return minus(f"{value:.3f}")


_WRITERS: dict[str, Writer] = {
    **dict.fromkeys(("normalised", "affinity"), _three_digits),
    **dict.fromkeys(
        ("rank kept", "win rate of other on task", "win rate of task on other"), lambda value: f"{value:.0f} %"
    ),
    # A step lowers a loss by thousandths of a percent.
    **dict.fromkeys(("effect of other on task", "effect of task on other"), lambda value: f"{_three_digits(value)} %"),
}


def show_table(subject: Subject, depth: int) -> None:
    """Show all pairs of one depth, the highest affinity first, with downloads."""
    frame = depth_frame(subject, depth)
    interval = explain("interval") if subject.view.evidence.effects is None else _OVER_SEEDS
    show_written(
        with_interval_column(frame, "normalised", ("low", "high"), _three_digits),
        _WRITERS,
        hide_index=True,
        height="content" if len(frame) <= WHOLE else 388,
        column_config={
            "rank kept": st.column_config.NumberColumn(help=explain("rank kept")),
            "normalised": st.column_config.NumberColumn("affinity", help=explain("normalised affinity")),
            INTERVAL: st.column_config.TextColumn(help=interval),
            "affinity": st.column_config.NumberColumn("raw", help=explain("affinity")),
            "win rate of other on task": st.column_config.NumberColumn(
                "other wins", help="Win rate of the other task's features on the task"
            ),
            "win rate of task on other": st.column_config.NumberColumn(
                "task wins", help="Win rate of the task's features on the other task"
            ),
            "effect of other on task": st.column_config.NumberColumn(
                "other helps", help=_EFFECT.format("the other task", "the task’s")
            ),
            "effect of task on other": st.column_config.NumberColumn(
                "task helps", help=_EFFECT.format("the task", "the other task’s")
            ),
        },
        alt=f"Affinities of all pairs of tasks after block {depth + 1}",
    )
    with st.container(horizontal=True):
        name = "own" if subject.is_own else subject.study.name
        csv_button(
            "All depths as CSV", long_frame(subject), f"branchwise-{name}-affinity.csv",
            help="“depth” counts from 0, “after_block” from 1 as on this page. “affinity” is raw, “normalised” is "
            f"what the page shows; low and high are its 90 % interval, over {interval_of(subject) or 'nothing'}",
        )  # fmt: skip
        if not is_presenting():
            st.download_button(
                "Tensor as NPZ",
                lambda: tensor_npz(subject),
                file_name=f"branchwise-{name}-affinity.npz",
                mime="application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
                help="[depth, task, task] with names, 90 % intervals and the tensor of each seed; “Own file” reads it "
                "back",
            )


def depth_frame(subject: Subject, depth: int) -> pd.DataFrame:
    """Return one row per pair of tasks at one depth, the highest affinity first; unknown columns are left out."""
    view, sure = subject.view, subject.sure
    first, second = np.triu_indices(len(view.tasks), 1)
    columns: dict[str, object] = {
        "task": [view.tasks[i] for i, _ in view.pairs],
        "other": [view.tasks[j] for _, j in view.pairs],
        "normalised": view.normalised[depth, first, second],
    }
    if sure is not None:
        columns["low"] = sure.certainty.low[depth, first, second]
        columns["high"] = sure.certainty.high[depth, first, second]
        columns["rank kept"] = ranks_kept(sure)[depth, first, second]
    if view.evidence.effects is None:
        columns["affinity"] = view.evidence.affinity[depth, first, second]
    if view.wins is not None:
        columns["win rate of other on task"] = 100 * view.wins[depth, first, second]
        columns["win rate of task on other"] = 100 * view.wins[depth, second, first]
    if view.evidence.effects is not None:
        mean = 100 * view.evidence.effects.mean()
        columns["effect of other on task"] = mean[depth, second, first]
        columns["effect of task on other"] = mean[depth, first, second]
    return pd.DataFrame(columns).sort_values("normalised", ascending=False, kind="stable", ignore_index=True)


def long_frame(subject: Subject) -> pd.DataFrame:
    """Return one row per depth and pair, each task with itself among them; “Own file” reads it back."""
    view, sure = subject.view, subject.sure
    first, second = np.triu_indices(len(view.tasks))
    n = len(first)

    def column(values: np.ndarray) -> np.ndarray:
        return values[:, first, second].ravel()

    nothing = np.full(view.normalised.shape, np.nan)
    names = np.array(view.tasks)
    return pd.DataFrame(
        {
            "depth": np.repeat(np.arange(view.evidence.n_depths), n),
            "after_block": np.repeat(np.arange(1, view.evidence.n_depths + 1), n),
            "task_a": np.tile(names[first], view.evidence.n_depths),
            "task_b": np.tile(names[second], view.evidence.n_depths),
            "affinity": column(view.evidence.affinity),
            "normalised": column(view.normalised),
            "low": column(sure.certainty.low if sure else nothing),
            "high": column(sure.certainty.high if sure else nothing),
            "rank_kept": column(sure.certainty.order if sure else nothing),
            "interval_of": interval_of(subject) if sure else "",
        }
    )


def interval_of(subject: Subject) -> str:
    """Return what the intervals of a tensor vary; empty where it has none."""
    losses = subject.view.evidence.losses
    if losses is None:
        return "" if subject.view.evidence.effects is None else "seeds"
    return varied(len(losses.seeds))


def per_seed(losses: RecombinedLosses, eigenvector: Eigenvector) -> NDArray[np.float64]:
    """Return the normalised affinities of each seed alone, ``[n_seeds, n_depths, n_tasks, n_tasks]``; NaN in holes."""
    found = scores_of_seeds(losses, eigenvector)
    return np.stack([proportions((each + each.transpose(0, 2, 1)) / 2.0) for each in found])


def tensor_npz(subject: Subject) -> bytes:
    """Return the tensor as a file: names, normalised affinities, and of measured losses seeds and intervals."""
    view, evidence = subject.view, subject.view.evidence
    key, values = "affinity", evidence.affinity
    if evidence.given_distance is not None:
        key, values = "distance", evidence.given_distance
    file = io.BytesIO()
    arrays: dict[str, Any] = {key: values, "tasks": np.array(evidence.tasks)}
    arrays |= {"normalised": view.normalised, "after_block": np.arange(1, evidence.n_depths + 1)}
    if evidence.losses is not None:
        arrays |= {
            "seeds": np.array(evidence.losses.seeds),
            "n_validation_samples": np.array(evidence.losses.n_samples),
            "per_seed": per_seed(evidence.losses, evidence.eigenvector),
            "eigenvector": np.array(str(evidence.eigenvector)),
        }
    if evidence.effects is not None:
        # [seed, block, task of the step, task of the loss]: shares of the loss, and not symmetric.
        arrays |= {
            "seeds": np.array(evidence.effects.seeds),
            "per_seed": evidence.effects.of_seeds(),
            "effects": evidence.effects.values,
        }
    if subject.sure is not None:
        found = subject.sure.certainty
        arrays |= {"low": found.low, "high": found.high, "rank_kept": found.order, "interval": np.array(0.9)}
        arrays |= {"interval_of": np.array(interval_of(subject))}
    np.savez_compressed(file, **arrays)
    return file.getvalue()
