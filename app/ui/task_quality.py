"""Tasks that are not learned: a warning above figures that rest on them, and the columns that show why."""

import numpy as np
import streamlit as st

from app.ui.formatting import escape
from core.runs.result import Split
from core.studies.study import SPLITS, Study
from core.studies.task_quality import ClassScores, TaskQuality

Cell = str | float | None


def show_quality(study: Study) -> None:
    """Show which tasks of a study are no better than a constant answer, or have classes that are never answered."""
    if study.warnings:
        st.warning("\n".join(f"- {escape(sentence)}" for sentence in study.warnings), icon=":material/warning:")


def quality_columns(study: Study, task: str, metric: str) -> dict[str, Cell]:
    """Return column → value of what a metric of a task has to be compared with; None where it was not measured.

    Args:
        study: The study.
        task: Name of one of its tasks.
        metric: One of its metrics.
    """
    found: dict[str, Cell] = {}
    for split in SPLITS:
        quality = _of(study, split, task)
        found[f"constant answer, {split}"] = None if quality is None else quality.constant.get(metric)
    quality = _of(study, "test", task)
    scores = () if quality is None or metric != quality.metric.name else quality.classes
    found["balanced accuracy, test"] = _mean([each.balanced_accuracy for each in scores])
    found["macro-F1, test"] = _mean([each.macro_f1 for each in scores])
    found["samples per class, test"] = _counts(scores[0]) if scores else None
    found["classes never answered, test"] = ", ".join(quality.silent) if quality is not None and scores else None
    return found


def _of(study: Study, split: Split, task: str) -> TaskQuality | None:
    return next((each for each in study.quality.get(split, ()) if each.task.name == task), None)


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _counts(scores: ClassScores) -> str:
    return ", ".join(f"{scores.name(number)}: {n}" for number, n in enumerate(scores.counts.tolist()))
