"""Train form of layouts: layouts, two-task table, most informative runs, single-task networks."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.charts.tree import tree_drawing
from app.components.drawing import drawing
from app.families.layouts.choice import next_sentence, next_submission, sample, worth_measuring
from app.families.layouts.shown import budget_of, plane_of, shown_layout
from app.families.train_form import (
    FormChoice,
    TrainOption,
    next_seeds,
    own_seeds,
    say,
    say_seeds,
    seeds_input,
    table_seeds,
)
from app.jobs.train_link import ALL, LAYOUTS, NEXT, PINNED, SAMPLE, SHOWN, SINGLES, TABLE, WHICH, WHICH_LABELS
from app.jobs.trainable_study import trainable_study
from app.plane.scene import Scene
from app.ui import cached, state
from app.ui.formatting import count, layout_sentence, percent, share
from app.ui.glossary import explain
from app.ui.url_state import choice
from app.ui.written_table import show_written
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import LayoutSubmission, TableSubmission
from core.families.recombined.runs import SimilaritySubmission
from core.jobs.submit import plan
from core.layouts import Layout
from core.selection.measure_next import NextRun
from core.studies.database import Database
from core.studies.specification import StudySpecification
from core.studies.study import Study

MOST_LAYOUTS, MOST_NEXT = 200, 10
FIRST_ORACLE_SEED = 100
_DEFAULT_SAMPLE = 12
_TABLE_ONLY = (
    "The table recommends a layout and doesn't train it. The recommended layout is trained afterwards, in a second "
    "training: What to train → Layouts."
)
_NOT_IN_TABLE = "A training of its own: the two-task table holds no network that these runs could start from."


def train_options(study: Study) -> list[TrainOption]:
    """Return the four options. Layouts can be predicted only once something is measured."""
    specification = study.specification
    # A study that requests other networks alone needs no table.
    wanted = specification is None or TABLE in specification.requests or len(specification.requests) == 0
    return [
        TrainOption(LAYOUTS, "Layouts", layouts_form, "layout"),
        TrainOption(
            TABLE, "Two-task table", table_form, "two-task table", comes_first=wanted and not study.table.is_measured
        ),
        TrainOption(NEXT, "Measure next", next_form, "measure next"),
        TrainOption(SINGLES, "Single tasks", singles_form, "baseline"),
    ]


def oracle_seeds(specification: StudySpecification, n: int) -> tuple[int, ...]:
    """Return n seeds for layouts: the study's own first, then the next that the table does not use."""
    own, table = own_seeds(specification, OracleRequest), own_seeds(specification, TableRequest)
    return next_seeds(own, table, n, FIRST_ORACLE_SEED)


def not_judging(seeds: Sequence[int]) -> str:
    """Return why the table has these seeds.

    >>> not_judging([0]), not_judging([0, 1])
    ('no measured layout uses it', 'no measured layout uses them')
    """
    return f"no measured layout uses {'it' if len(seeds) == 1 else 'them'}"


def table_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of the two-task table."""
    own = len(own_seeds(specification, TableRequest)) or 2
    seeds = table_seeds(specification, seeds_input(TABLE, study, own))
    pairs = study.n_tasks * (study.n_tasks - 1) // 2
    st.caption(
        f"Every pair of tasks at every branch point, {count(pairs * study.n_blocks)} networks per seed, and "
        f"{study.n_tasks} single-task networks as baselines; also the similarity of their features, once. All "
        "predictions use them."
    )
    say_seeds(seeds, not_judging(seeds))
    return FormChoice((TableSubmission(seeds), SimilaritySubmission()), note=_TABLE_ONLY)


def singles_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of single-task networks."""
    own = len(own_seeds(specification, TableRequest)) or 2
    seeds = table_seeds(specification, seeds_input(SINGLES, study, own))
    st.caption("One single-task network per task: the baseline of every Δ.")
    say_seeds(seeds, not_judging(seeds))
    return FormChoice((TableSubmission(seeds, singles_only=True),))


def layouts_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of layouts."""
    scene = plane_of(study)
    pinned = [PINNED] if state.pins(study.n_tasks, study.n_blocks) else []
    options = [SHOWN, *pinned, SAMPLE, *([ALL] if scene.view.n_layouts <= MOST_LAYOUTS else [])]
    own = own_seeds(specification, OracleRequest)
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        which = choice(
            "Which layouts", options, WHICH, labels=WHICH_LABELS, help=explain("shown layout", "layout sample")
        )
        # Layouts of one study are compared with each other, so none is trained from fewer seeds than the others.
        seeds = oracle_seeds(specification, seeds_input(LAYOUTS, study, len(own) or 2, least=len(own) or 1))
        n = _n_layouts(study, scene) if which == SAMPLE else 0
    layouts = _chosen_layouts(study, scene, which, n)
    if not layouts:
        return FormChoice(
            None, "No layout fits the budget of the Budget page. Increase it there, or select other layouts here."
        )
    if len(layouts) == 1:
        drawing(
            tree_drawing(
                layouts[0], study.task_names, scene.view.costs.tolist(), width=440,
                label=layout_sentence(layouts[0], study.task_names),
            ),
            key="train-tree",
        )  # fmt: skip
        say(f"{layout_sentence(layouts[0], study.task_names)}.")
    else:
        _listed(scene, layouts)
    st.caption(
        f"Each seed also needs its {study.n_tasks} single-task networks, as baselines; those that are trained are not "
        "trained again."
    )
    say_seeds(seeds, "not used by the two-task table, so that predictions are evaluated fairly")
    return FormChoice((LayoutSubmission(tuple(layouts), seeds),), note=_NOT_IN_TABLE)


def _chosen_layouts(study: Study, scene: Scene, which: str, n: int) -> list[Layout]:
    if which == ALL and scene.view.n_layouts <= MOST_LAYOUTS:
        return sample(scene.view, scene.view.n_layouts)
    if which == SAMPLE:
        return sample(scene.view, n, study.oracle.layouts if study.oracle else ())
    shown = shown_layout(scene, state.selected(study.n_tasks, study.n_blocks))
    found = [] if shown is None else [shown]
    if which == PINNED:
        found += state.pins(study.n_tasks, study.n_blocks)
    return list(dict.fromkeys(found))


def _n_layouts(study: Study, scene: Scene) -> int:
    most = min(scene.view.n_layouts, MOST_LAYOUTS)
    return int(
        st.number_input("Layouts", 1, most, min(_DEFAULT_SAMPLE, most), key=f"n_layouts-{study.name}", width=130)
    )


def _listed(scene: Scene, layouts: Sequence[Layout]) -> None:
    view = scene.view
    frame = pd.DataFrame(
        {
            "layout": [layout_sentence(layout, view.tasks) for layout in layouts],
            "predicted gain Δ": [view.score.score(layout) for layout in layouts],
            "cost": [100 * view.fraction(view.cost(layout)) for layout in layouts],
        }
    )
    show_written(
        frame,
        {"predicted gain Δ": percent, "cost": lambda value: share(value / 100)},
        hide_index=True,
        height=min(38 + 35 * len(layouts), 213),
        column_config={"layout": st.column_config.TextColumn(width="large")},
        alt="The layouts that would be trained",
    )


def next_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of the most informative two-task runs."""
    scene = plane_of(study)
    runs = worth_measuring(cached.next_runs(scene, budget_of(scene)), MOST_NEXT)
    if not runs:
        return FormChoice(None, "No further two-task run is expected to change the recommendation within this budget.")
    n = 1
    if len(runs) > 1:
        n = st.number_input("Runs", 1, len(runs), min(3, len(runs)), key=f"n_next-{study.name}", width=130)
    frame = pd.DataFrame(
        {
            "two-task run": [next_sentence(run, study.task_names) for run in runs[: int(n)]],
            "worth": [percent(run.gain, 2) for run in runs[: int(n)]],
            "changes selection": [share(run.change_probability) for run in runs[: int(n)]],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "two-task run": st.column_config.TextColumn(width=330),
            "worth": st.column_config.TextColumn(help=explain("worth")),
            "changes selection": st.column_config.TextColumn(
                help="Probability that another layout is recommended afterwards"
            ),
        },
        alt="The runs that would be trained, and the worth of each",
    )
    request = next_submission(specification, runs[: int(n)], one_more=_are_done(study, specification, runs[: int(n)]))
    say_seeds(request.seeds, not_judging(request.seeds))
    return FormChoice((request,))


def _are_done(study: Study, specification: StudySpecification, runs: Sequence[NextRun]) -> bool:
    """Return whether the measured runs are done from all seeds; those still in the queue need no further seed."""
    measured = [run for run in runs if run.measured]
    if not measured:
        return False
    found, request = trainable_study(study.name), next_submission(specification, measured, one_more=False)
    taken = plan(Database.at_home(), found.record, (request,), results=found.results)
    return taken.n_done == len(taken.runs)
