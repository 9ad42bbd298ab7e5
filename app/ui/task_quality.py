"""Tasks that are not learned: a warning above figures that rest on them, and the columns that show why."""

import streamlit as st

from app.ui.formatting import escape
from core.runs.result import Split
from core.studies.study import SPLITS, Study
from core.studies.task_quality import CLASS_METRICS, ClassScores, TaskQuality

Cell = str | float | None


def show_constant(study: Study) -> None:
    """Show which tasks of a study are no better than a constant answer, or have a metric of 0, so no gain."""
    known = study.quality.get("test", ())
    _show([sentence for quality in known for sentence in (quality.constant_sentence, quality.zero_sentence)])


def show_silent(study: Study) -> None:
    """Show which tasks of a study have classes that some network never answers."""
    _show([quality.silent_sentence for quality in study.quality.get("test", ())])


def _show(sentences: list[str]) -> None:
    if found := [escape(sentence) for sentence in sentences if sentence]:
        text = found[0] if len(found) == 1 else "\n".join(f"- {sentence}" for sentence in found)
        st.warning(text, icon=":material/warning:")


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
    found["samples per class, test"] = _counts(scores[0]) if scores else None
    found["classes never answered, test"] = ", ".join(quality.silent) if quality is not None and scores else None
    return found


def class_rows(study: Study, task: str) -> list[dict[str, Cell]]:
    """Return a row for each metric that counts all classes of a task alike; none where classes were not counted."""
    known = {split: {} if (q := _of(study, split, task)) is None else q.class_metrics for split in SPLITS}
    return [
        {
            "metric": metric.name,
            "unit": metric.unit,
            "better": "higher",
            **{f"baseline, {split}": known[split].get(metric.name) for split in SPLITS},
        }
        for metric in CLASS_METRICS
        if any(metric.name in values for values in known.values())
    ]


def _of(study: Study, split: Split, task: str) -> TaskQuality | None:
    return next((each for each in study.quality.get(split, ()) if each.task.name == task), None)


def _counts(scores: ClassScores) -> str:
    return ", ".join(f"{scores.name(number)}: {n}" for number, n in enumerate(scores.counts.tolist()))
