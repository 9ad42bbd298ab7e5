"""What to train: layouts, the two-task table, the runs most worth making, or single tasks."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.charts.tree import tree_drawing
from app.components.drawing import drawing
from app.jobs.train_link import ALL, PINNED, SAMPLE, SHOWN, WHAT, WHAT_LABELS, WHICH, WHICH_LABELS, What
from app.jobs.trainable_study import trainable_study
from app.plane.scene import Scene
from app.train.model import (
    OF_ONE_SET,
    affinity_seeds,
    next_sentence,
    next_submission,
    oracle_seeds,
    own_seeds,
    sample,
    seeds_sentence,
    table_seeds,
    tree_seeds,
    worth_measuring,
)
from app.train.subject import budget_of, plane_of, shown_layout
from app.ui import cached, state
from app.ui.formatting import count, escape, layout_sentence, listed, percent, share
from app.ui.glossary import explain
from app.ui.url_state import choice
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import LayoutSubmission, TableSubmission
from core.families.recombined.request import AffinityRequest
from core.families.recombined.runs import AffinitySubmission, SimilaritySubmission
from core.families.treednn.request import TreeRequest
from core.families.treednn.runs import TreeSubmission
from core.jobs.submission import Submission
from core.jobs.submit import plan
from core.layouts import Layout
from core.selection.measure_next import NextRun
from core.studies.database import Database
from core.studies.specification import StudySpecification
from core.studies.study import Study

MOST_SEEDS, MOST_LAYOUTS, MOST_NEXT = 10, 200, 10
_DEFAULT_SAMPLE = 12


@dataclass(frozen=True, slots=True)
class FormChoice:
    """The request of the form, or why there is none.

    Args:
        request: What to train, or None.
        reason: Why there is no request; empty where there is one.
    """

    request: tuple[Submission, ...] | None
    reason: str = ""


def train_form(study: Study, specification: StudySpecification) -> FormChoice:
    """Draw the controls of what to train, and return their request."""
    if not study.shares_inputs:
        return _tree(study, specification)
    if _is_unmeasured(study) and WHAT not in st.session_state:
        # Before anything is measured there is no prediction by which to choose a layout. Not as the default:
        # the address leaves that out, so a reload after the first result would show something else.
        st.session_state[WHAT] = str(What.TABLE)
    what = choice(
        "What to train",
        OF_ONE_SET,
        WHAT,
        labels=WHAT_LABELS,
        help=explain("layout", "two-task table", "measure next", "recombined", "baseline"),
    )
    if what is What.LAYOUTS:
        return _layouts(study, specification)
    if what is What.NEXT:
        return _next(study, specification)
    if what is What.AFFINITY:
        return _affinity(study, specification)
    own = len(own_seeds(specification, TableRequest)) or 2
    seeds = table_seeds(specification, _n_seeds(what, study, own))
    if what is What.TABLE:
        pairs = study.n_tasks * (study.n_tasks - 1) // 2
        st.caption(
            f"Every pair of tasks at every branch point, {count(pairs * study.n_blocks)} networks per seed, and "
            f"{study.n_tasks} single-task networks they are compared with; once, how alike the tasks are. All "
            "predictions rest on them."
        )
        _say(seeds_sentence(what, seeds))
        return FormChoice((TableSubmission(seeds), SimilaritySubmission()))
    st.caption("One network for each task alone, against which every Δ is measured.")
    _say(seeds_sentence(what, seeds))
    return FormChoice((TableSubmission(seeds, singles_only=True),))


def _affinity(study: Study, specification: StudySpecification) -> FormChoice:
    own = len(own_seeds(specification, AffinityRequest)) or 1
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        seeds = affinity_seeds(specification, _n_seeds(What.AFFINITY, study, own, least=own))
        first = st.number_input(
            "From block", 1, study.n_blocks, 1, key=f"from_block-{study.name}", width=130, help=explain("from block")
        )
    first = int(first)
    depths = study.n_blocks + 1 - first
    where = f"block {first}" if depths == 1 else f"each block from {first} to {study.n_blocks}"
    st.caption(
        f"Every task on the frozen first blocks of every task’s network, split after {where}: "
        f"{count(study.n_tasks**2 * depths)} trainings per seed in {count(study.n_tasks * depths)} runs, and the "
        "single-task networks they start from. The Affinity and Branching pages rest on them."
    )
    _say(seeds_sentence(What.AFFINITY, seeds))
    return FormChoice((AffinitySubmission(seeds, first - 1),))


def _tree(study: Study, specification: StudySpecification) -> FormChoice:
    asked = specification.requested(TreeRequest)
    assert asked is not None
    own = len(asked.seeds)
    st.markdown("**A TreeDNN from every seed**", help=explain("treednn"))
    seeds = tree_seeds(specification, _n_seeds(What.TREE, study, own, least=own))
    grown = study.n_tasks - len(asked.grafts)
    rivals = f"; a network of its own for each of the {study.n_tasks} data sets" if asked.dedicated else ""
    grafts = f"; {listed([*asked.grafts])} grafted onto the grown tree" if asked.grafts else ""
    _say(
        f"First a trunk of {asked.cut} of {study.n_blocks} blocks and {grown} branches together, from batches that "
        f"hold rows of every data set; then each branch alone on the frozen trunk{grafts}{rivals}, which goes through "
        "its data as often as the branch does."
    )
    _say(seeds_sentence(What.TREE, seeds))
    return FormChoice((TreeSubmission(seeds),))


def _is_unmeasured(study: Study) -> bool:
    return int(study.table.holes.sum()) == study.n_tasks * (study.n_tasks - 1) * study.n_blocks


def _layouts(study: Study, specification: StudySpecification) -> FormChoice:
    scene = plane_of(study)
    pinned = [PINNED] if state.pins(study.n_tasks, study.n_blocks) else []
    options = [SHOWN, *pinned, SAMPLE, *([ALL] if scene.view.n_layouts <= MOST_LAYOUTS else [])]
    own = own_seeds(specification, OracleRequest)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        which = choice(
            "Which layouts", options, WHICH, labels=WHICH_LABELS, help=explain("shown layout", "layout sample")
        )
        # Layouts of one study are compared with each other, so none is trained from fewer seeds than the others.
        seeds = oracle_seeds(specification, _n_seeds(What.LAYOUTS, study, len(own) or 2, least=len(own) or 1))
        n = _n_layouts(study, scene) if which == SAMPLE else 0
    layouts = _chosen_layouts(study, scene, which, n)
    if not layouts:
        return FormChoice(
            None, "No layout fits the budget of the Budget page. Raise it there, or choose another set here."
        )
    if len(layouts) == 1:
        drawing(
            tree_drawing(
                layouts[0], study.task_names, scene.view.costs.tolist(), width=560,
                label=layout_sentence(layouts[0], study.task_names),
            ),
            key="train-tree",
        )  # fmt: skip
        _say(f"{layout_sentence(layouts[0], study.task_names)}.")
    else:
        _listed(scene, layouts)
    _say(seeds_sentence(What.LAYOUTS, seeds))
    return FormChoice((LayoutSubmission(tuple(layouts), seeds),))


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
            "predicted Δ": [view.pairwise.score(layout) for layout in layouts],
            "cost": [100 * view.fraction(view.cost(layout)) for layout in layouts],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        height=min(38 + 35 * len(layouts), 213),
        column_config={
            "layout": st.column_config.TextColumn(width="large"),
            "predicted Δ": st.column_config.NumberColumn(format="%+.1f %%"),
            "cost": st.column_config.NumberColumn(format="%.0f %%"),
        },
        alt="The layouts that would be trained",
    )


def _next(study: Study, specification: StudySpecification) -> FormChoice:
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
            "changes the choice": [share(run.change_probability) for run in runs[: int(n)]],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "two-task run": st.column_config.TextColumn(width=330),
            "worth": st.column_config.TextColumn(help=explain("worth")),
            "changes the choice": st.column_config.TextColumn(help="How likely another layout is recommended after it"),
        },
        alt="The runs that would be trained, and what each is worth",
    )
    request = next_submission(specification, runs[: int(n)], one_more=_are_done(study, specification, runs[: int(n)]))
    _say(seeds_sentence(What.NEXT, request.seeds))
    return FormChoice((request,))


def _are_done(study: Study, specification: StudySpecification, runs: Sequence[NextRun]) -> bool:
    """Return whether the measured runs are done from all seeds; those still in the queue need no further seed."""
    measured = [run for run in runs if run.measured]
    if not measured:
        return False
    found, request = trainable_study(study.name), next_submission(specification, measured, one_more=False)
    taken = plan(Database.at_home(), found.record, (request,), results=found.results)
    return taken.n_done == len(taken.runs)


def _n_seeds(what: What, study: Study, own: int, *, least: int = 1) -> int:
    n = st.number_input(
        "Seeds", least, max(MOST_SEEDS, own), own, key=f"seeds-{what.name}-{study.name}-{least}", width=130,
        help=explain("seed"),
    )  # fmt: skip
    return int(n)


def _say(text: str) -> None:
    st.caption(escape(text))
