"""The living figure of the Start page: the budget line on the first bundled study."""

import streamlit as st

from app.components.budget_plane import budget_plane
from app.plane.basis import measured_in
from app.plane.compact import compact_data
from app.plane.scene import Scene
from app.ui import cached
from app.ui.formatting import ESTIMATOR_WORDS, WEIGHT_WORDS, count, escape, listed
from app.ui.glossary import explain_options
from app.ui.inputs import current_budget, current_estimator, take_budget
from core.estimators.prediction import Estimator
from core.estimators.weights import WeightRule
from core.families.layouts.predictions import available_units
from core.studies.bundled import FIRST
from core.studies.study import Study

KEY = "start_plane"
# Of the drawing: text keeps its size where it stands a third narrower or wider, on small and large screens.
_SIZE = 420.0, 264.0


def show_figure() -> None:
    """Show the plane of the first bundled study, to be dragged.

    Raises:
        StudyError: The study is missing or damaged.
    """
    study = cached.study(FIRST)
    names = [escape(name) for name in study.task_names]
    estimator = current_estimator(study)
    scene = scene_of(study, estimator)
    st.markdown(
        f"**Drag the budget line.** The tree shows how {listed(names)} should share one network, the bars what each "
        "gains or loses by it.",
        help="How gains are predicted and the tasks weighted:\n\n"
        + explain_options(
            {ESTIMATOR_WORDS[estimator]: f"estimator {estimator}", WEIGHT_WORDS[WeightRule.SVDE]: "svde"}
        ),
    )
    budget_plane(
        key=KEY,
        data=figure_data(scene, current_budget()),
        # Budget and Overview go on from here.
        on_budget=_moved,
        on_picked=_nothing,
        on_edit=_nothing,
        on_follow=_nothing,
    )


def scene_of(study: Study, estimator: Estimator) -> Scene:
    """Return the plane of a study as the Overview and the Budget page open it, computed once."""
    return cached.scene(study.name, str(WeightRule.SVDE), available_units(study)[0], False, estimator)


def figure_data(scene: Scene, budget: float) -> dict[str, object]:
    """Return what the browser gets: the front and its neighbours, without what only the Budget page explains.

    Args:
        scene: The plane.
        budget: As a fraction of single-task networks.
    """
    return compact_data(
        scene,
        budget,
        size=_SIZE,
        caption=(
            f"{scene.view.study.title}. Each point is one of {count(scene.view.n_layouts)} ways to share. MACs are "
            "multiplications with an addition; on the Pareto front nothing cheaper gains as much. Gains are weighted "
            f"means of the tasks, predicted from trained networks ({measured_in(scene.view)})."
        ),
        stamp=FIRST,
        words={"delta": "Predicted gain Δ, weighted mean"},
    )


def _moved() -> None:
    take_budget(KEY)


def _nothing() -> None:
    """Do nothing: this figure has no layouts to pick or to edit."""
