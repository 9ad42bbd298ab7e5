"""The plane and the budget that layouts to train are selected from."""

import streamlit as st

from app.plane.scene import Scene
from app.ui import cached
from app.ui.inputs import current_budget, current_estimator
from core.costs import Unit
from core.estimators.weights import WeightRule
from core.families.layouts.predictions import available_units
from core.layouts import Layout
from core.studies.study import Study


def plane_of(study: Study) -> Scene:
    """Return the plane of predictions with the cost, the weights and the estimator that the Budget page shows."""
    units, unit, rule = available_units(study), st.session_state.get("unit"), st.session_state.get("weights")
    chosen = Unit(unit) if unit in units else units[0]
    known = [str(each) for each in WeightRule]
    return cached.scene(
        study.name, str(rule) if rule in known else str(WeightRule.SVDE), chosen, False, current_estimator(study)
    )


def shown_layout(scene: Scene, picked: Layout | None) -> Layout | None:
    """Return the layout that the Budget page shows, or None where nothing fits its budget."""
    return scene.shown(current_budget(), picked)
