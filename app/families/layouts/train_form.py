"""Train form of layouts: layouts, two-task table, most informative runs, single-task networks."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.charts.tree import tree_drawing
from app.components.drawing import drawing
from app.families.layouts.choice import sample, standing_sentence, worth_training
from app.families.layouts.shown import plane_of, shown_layout
from app.families.layouts.training_table import show_trainings
from app.families.train_form import (
    FormChoice,
    TrainOption,
    say,
    say_seeds,
    seeds_input,
)
from app.jobs.next_training import goal_of, next_trainings
from app.jobs.train_link import (
    ALL,
    AUTO,
    HOW,
    HOW_LABELS,
    LAYOUTS,
    NEXT,
    ONCE,
    PINNED,
    SAMPLE,
    SHOWN,
    SINGLES,
    TABLE,
    WHICH,
    WHICH_LABELS,
)
from app.plane.scene import Scene
from app.ui import state
from app.ui.formatting import budget_share, cost_share, count, percent
from app.ui.glossary import explain
from app.ui.inputs import current_budget
from app.ui.layout_words import layout_sentence
from app.ui.url_state import choice
from app.ui.written_table import show_written
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import LayoutSubmission, TableSubmission
from core.families.layouts.seeds import oracle_seeds, table_seeds
from core.families.recombined.runs import SimilaritySubmission
from core.layouts import Layout
from core.studies.advice import MOST_MINUTES, Goal
from core.studies.seeds import own_seeds
from core.studies.specification import StudySpecification
from core.studies.study import Study

MOST_LAYOUTS = 200
TOLERANCE = Goal().tolerance
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
        {"predicted gain Δ": percent, "cost": lambda value: cost_share(value / 100)},
        hide_index=True,
        height=min(38 + 35 * len(layouts), 213),
        column_config={"layout": st.column_config.TextColumn(width="large")},
        alt="The layouts that would be trained",
    )
    st.caption(f"Predicted gain Δ: {scene.provenance}.")


def next_form(study: Study, specification: StudySpecification) -> FormChoice:  # noqa: ARG001  # as the others
    """Draw the controls of the trainings that tell most about the recommendation."""
    scene = plane_of(study)
    if choice("How", [ONCE, AUTO], HOW, labels=HOW_LABELS, help=explain("auto")) == AUTO:
        return _auto_form(study, scene)
    advice = next_trainings(scene, current_budget())
    found = worth_training(advice)
    say(standing_sentence(advice, study.task_names, goal_of(scene, current_budget())))
    if not found:
        return FormChoice(None, "No further training is expected to improve the recommendation within this budget.")
    n = 1
    if len(found) > 1:
        n = int(st.number_input("Trainings", 1, len(found), min(3, len(found)), key=f"n_next-{study.name}", width=130))
    chosen = found[:n]
    show_trainings(chosen, study.task_names, "What would be trained, and the expected gain of each")
    return FormChoice(tuple(each.request for each in chosen if each.request is not None))


def _auto_form(study: Study, scene: Scene) -> FormChoice:
    """Draw the controls of Auto."""
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        points = st.number_input(
            "Until it lacks at most, points", 0.01, 100.0, TOLERANCE, 0.05, key=f"auto_points-{study.name}", width=220,
            help=explain("auto"),
        )  # fmt: skip
        minutes = st.number_input("At most, minutes", 1, MOST_MINUTES, 30, key=f"auto_minutes-{study.name}", width=150)
    st.caption(
        f"Of layouts within {budget_share(current_budget())} of the cost of single-task networks, as on the Budget "
        "page. A layout lacks what the best one is expected to gain beyond it."
    )
    goal = goal_of(scene, current_budget())
    return FormChoice(None, auto=goal.model_copy(update={"tolerance": float(points), "minutes": float(minutes)}))
