"""Summary of a study: tasks with examples and baselines, and facts on the measurement."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from app.ui.computed_elsewhere import computed_words, show_computed_elsewhere
from app.ui.downloads import csv_button
from app.ui.formatting import amount, count, escape, listed, minus, plural, seconds
from app.ui.glossary import explain
from app.ui.picture_strip import answer_words, short_numbers, strip_png
from app.ui.task_quality import class_rows, quality_columns
from core.costs import Unit
from core.estimators.coverage import seeds_of_cells
from core.studies.bundled import bundled_file, bundled_studies
from core.studies.study import Study
from core.tasks import Kind, Metric, Task

if TYPE_CHECKING:
    import pandas as pd


def show_subject(study: Study) -> None:
    """Show the description of a study, and its tasks with examples."""
    if study.description:
        st.markdown(escape(study.description))
    if study.gallery is not None or study.tasks:
        _tasks(study)


def _tasks(study: Study) -> None:
    with st.container(border=True):
        st.markdown("**Tasks**", help=explain("task", "baseline"))
        if study.gallery is not None:
            _row(
                "Input",
                "network input",
                _strip(study, None),
                "Example inputs",
                "" if not study.shares_inputs else ":gray[single-task networks, test split, mean over seeds]",
            )
        for task in study.tasks or ():
            answers = study.gallery.labels.get(task.name, ()) if study.gallery is not None else ()
            if task.kind is Kind.REGRESSION:
                answers = tuple(short_numbers(answer) for answer in answers)
            _row(
                task.name,
                str(task.kind),
                _strip(study, task.name),
                f"Targets of {task.name}",
                _metric_lines(study, task),
                answers,
            )
        if study.tasks:
            with st.expander("Tasks and baselines as a table", icon=":material/table:"):
                frame = tasks_frame(study)
                st.dataframe(frame, hide_index=True, alt="Metrics and single-task baselines of every task")
                csv_button("Baselines as CSV", frame, f"{study.name}-baselines.csv")


def _row(name: str, kind: str, pictures: bytes, alt: str, lines: str, answers: Sequence[str] = ()) -> None:
    label, strip, values = st.columns([4, 9, 6], vertical_alignment="center")
    label.markdown(f"**{escape(name)}**" + (f"  \n:gray[{escape(kind)}]" if kind != name else ""))
    if pictures:
        strip.image(pictures, alt=alt, width="content")
    elif answers:
        strip.markdown(answer_words(answers), help="Labels of the example inputs, in their order")
    values.markdown(lines)


@lru_cache(maxsize=64)
def _strip(study: Study, task: str | None) -> bytes:
    """Return the example inputs, or the targets of a task for them, as a PNG; empty where there are none."""
    if study.gallery is None:
        return b""
    pictures = study.gallery.inputs if task is None else study.gallery.targets.get(task)
    return b"" if pictures is None or not len(pictures) else strip_png(pictures)


def _metric_lines(study: Study, task: Task) -> str:
    known = study.baselines.get("test", {}).get(task.name, {})
    return " · ".join(
        f"{_whole(metric.name)}\u00a0{_arrow(metric)}\u00a0**{_value(known[metric.name], metric)}**"
        if metric.name in known
        else f"{escape(metric.name)} {_arrow(metric)}"
        for metric in task.metrics
    )


@lru_cache(maxsize=16)
def tasks_frame(study: Study) -> "pd.DataFrame":
    """Return one row per task and metric with its single-task baselines and what they have to be compared with."""
    # Imported here: the page's heading should not wait for it.
    import pandas as pd

    validation, test = (study.baselines.get(split, {}) for split in ("validation", "test"))
    rows: list[dict[str, str | float | None]] = []
    for place, task in enumerate(study.tasks):
        whole = {"task": task.name, "kind": str(task.kind)}
        head = {"head parameters": study.head_params[place] if study.head_params else None}
        rows += [
            {
                **whole,
                "metric": metric.name,
                "unit": metric.unit,
                "better": "higher" if metric.higher_is_better else "lower",
                "baseline, validation": validation.get(task.name, {}).get(metric.name),
                "baseline, test": test.get(task.name, {}).get(metric.name),
                **quality_columns(study, task.name, metric.name),
                **head,
            }
            for metric in task.metrics
        ]
        rows += [{**whole, **row, **head} for row in class_rows(study, task.name)]
    return pd.DataFrame(rows)


def show_facts(study: Study) -> None:
    """Show backbone, tasks, runs and machine of the measurement."""
    st.markdown("**Measurement**")
    st.markdown("\n".join(f"- :gray[{name}] {words}" for name, words in facts(study)))
    show_computed_elsewhere(study)


def facts(study: Study) -> list[tuple[str, str]]:
    """Return name and words of backbone, tasks, runs and machine of the measurement, for Markdown."""
    backbone = study.backbone
    lines = [
        ("Backbone", f"{escape(backbone.name)}, {plural(backbone.n_blocks, 'block')}, {sizes_words(study)}"),
        ("Tasks", escape(listed(study.task_names)) if study.n_tasks <= 8 else f"{study.n_tasks}"),
        ("Training", escape(_training_words(study))),
        ("Two-task table", _table_words(study)),
        *_provenance(study),
    ]
    return [(name, words) for name, words in lines if words]


def sizes_words(study: Study) -> str:
    """Return parameters, MACs and latency of the backbone of a study, each with its unit in one line."""
    backbone = study.backbone
    parts = []
    if backbone.params:
        parts.append(f"{amount(backbone.params, Unit.PARAMETERS)} parameters")
    if backbone.macs:
        parts.append(f"{amount(backbone.macs, Unit.MACS)} MACs")
    if backbone.latency:
        parts.append(amount(backbone.latency, Unit.LATENCY))
    # A figure and its unit stay in one line.
    return ", ".join(part.replace(" ", "\u00a0") for part in parts)


def _training_words(study: Study) -> str:
    """Return what blocks start from and how images are changed; nothing where neither is requested."""
    if (asked := study.specification) is None:
        return ""
    parts = []
    if (weights := asked.backbone.weights) is not None:
        first = "the first block" if weights.freeze == 1 else f"the first {weights.freeze} blocks"
        parts.append(f"from pretrained weights{f', {first} frozen' if weights.freeze else ''}")
    if asked.training.augment:
        parts.append(f"images changed by {', '.join(change.name for change in asked.training.augment)}")
    return "; ".join(parts)


def _table_words(study: Study) -> str:
    """Return what the two-task table holds; nothing where none is requested or possible."""
    specification = study.specification
    if not study.shares_inputs:
        return ""
    table = study.table
    if specification is not None and "table" not in specification.requests and not table.is_measured:
        return ""
    holes = int(table.holes.sum())
    fewest, most = seeds_of_cells(table) or (1, 1)
    seeds = f", {most if fewest == most else f'{fewest} to {most}'} seeds" if most > 1 else ""
    spread = ", with standard errors" if not seeds and table.stderr is not None else ""
    missing = f", {plural(holes, 'cell')} not measured" if holes else ""
    pairs = study.n_tasks * (study.n_tasks - 1) // 2
    return f"{plural(pairs, 'pair')} at {plural(study.n_blocks, 'branch point')}{seeds}{spread}{missing}"


def _provenance(study: Study) -> list[tuple[str, str]]:
    made = study.provenance
    runs = f"{made.n_done} of {made.n_runs}, {seconds(made.seconds)} in all" if made.n_runs else ""
    if runs and made.n_apart:
        runs += f"; {count(made.n_apart)} more are read only where they are shown"
    versions = ", ".join(f"{name} {version}" for name, version in made.versions.items())
    return [
        ("Trainings", runs),
        ("Seeds", seeds_words(study)),
        ("Machine", escape(listed(made.machines)) if made.machines else ""),
        ("Versions", escape(versions)),
        ("Computed with", escape(computed_words(made))),
        ("Finished" if made.n_done >= made.n_runs else "Latest result", escape(day(made.finished))),
        ("Command", _command(study)),
    ]


def _command(study: Study) -> str:
    """Return the command that trains a study again, and where its file is; nothing of an imported table."""
    if study.specification is None or not study.provenance.command:
        return ""
    if study.name in bundled_studies():
        return f"`branchwise run {bundled_file(study.name)}`"
    return f"`branchwise run {study.name}.toml`, with the file of *Study as TOML* on the Studies page"


def seeds_words(study: Study) -> str:
    """Return the seeds of a study, and what each was used for."""
    specification = study.specification
    if specification is None:
        return ""
    uses: dict[tuple[int, ...], list[str]] = {}
    for section, request in specification.requests.items():
        if seeds := tuple(getattr(request, "seeds", ())):
            uses.setdefault(seeds, []).append(getattr(request, "words", escape(section)))
    return "; ".join(f"{listed([str(seed) for seed in seeds])} for {listed(used)}" for seeds, used in uses.items())


def day(moment: str) -> str:
    """Return the date of an ISO timestamp as text; anything else unchanged.

    >>> day("2026-11-22T10:42:33+00:00")
    '22 November 2026'
    """
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return f"{found.day} {found:%B %Y}"


def _whole(name: str) -> str:
    return escape(name).replace(" ", "\u00a0")


def _arrow(metric: Metric) -> str:
    return "↑" if metric.higher_is_better else "↓"


def _value(value: float, metric: Metric) -> str:
    # Three digits, of which a last one may be 0; but no point with nothing after it.
    return f"{minus(f'{value:#.3g}'.removesuffix('.'))}{_unit(metric)}"


def _unit(metric: Metric) -> str:
    return "" if not metric.unit else metric.unit if metric.unit == "°" else f"\u00a0{escape(metric.unit)}"
