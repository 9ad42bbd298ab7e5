"""Questions of the Compare page: which cost, whose gain, which layers. All are in the URL."""

import streamlit as st

from app.compare.picture import Layers
from app.compare.words import QUESTION_WORDS
from app.ui.formatting import UNIT_WORDS, listed
from app.ui.glossary import explain, explain_options
from app.ui.url_options import several
from app.ui.url_state import choice, name_choice
from core.costs import CostQuestion, Unit
from core.studies.study import Study
from core.studies.study_plane import StudyPlane

MEAN = "mean over tasks"
PREDICTED, PUBLISHED = "predicted", "published"
GAIN, METRIC = "gain", "metric"
_LAYERS = {PREDICTED: "Predicted", PUBLISHED: "From papers"}
# In the URL; the controls of other pages have other names in the session.
_QUESTION, _KEY = "question", "compare_question"


def question_input() -> CostQuestion:
    """Ask which question costs answer; at first the one that the unit of the other pages answers."""
    held = str(st.session_state.get("unit", "")) or str(st.query_params.get("unit", ""))
    unit = next((each for each in Unit if str(each) == held), Unit.PARAMETERS)
    if _KEY not in st.session_state and _QUESTION not in st.query_params:
        st.session_state[_KEY] = str(CostQuestion.usual(unit))
    return choice(
        "Question of cost", list(CostQuestion), _KEY, name=_QUESTION, labels=QUESTION_WORDS,
        help=explain_options({word: f"question {each}" for each, word in QUESTION_WORDS.items()}),
    )  # fmt: skip


def unit_input(study: Study, question: CostQuestion) -> Unit:
    """Ask for the unit of cost; the same control as on other pages, with the units that the question has."""
    timed = study.backbone.latency is not None
    units = [unit for unit in question.units if timed or unit is not Unit.LATENCY]
    return choice("Unit", units, "unit", labels=UNIT_WORDS, help=explain("parameters", "macs", "bytes", "latency"))


def task_input(study: Study) -> str | None:
    """Ask whose gain is shown; None for the mean over tasks."""
    names = [MEAN, *(name for name in study.task_names if name != MEAN)]
    found = name_choice("Gain of", names, "gain_of", width=190)
    return None if found in (None, MEAN) else found


def measure_input(plane: StudyPlane, task: str | None) -> bool:
    """Ask whether the gain of a task is shown or its metric; True for the metric. Asked only where it is known."""
    scale = None if task is None else plane.scale(task)
    if scale is None:
        return False
    name = scale.metric.name
    return (
        choice(
            "Show", [GAIN, METRIC], "compare_measure", name="measure",
            labels={GAIN: "Gain Δ", METRIC: name[:1].upper() + name[1:]}, help=explain("gain or metric"),
        )
        == METRIC
    )  # fmt: skip


def without_metric(plane: StudyPlane, task: str | None) -> str:
    """Return why only the gain of a task can be shown; empty where its metric can, or no task is chosen."""
    if task is None or plane.scale(task) is not None:
        return ""
    found = next((each for each in plane.study.tasks if each.name == task), None)
    if found is None or len(found.gain_metrics) < 2:
        return ""
    metrics = listed([metric.name for metric in found.gain_metrics])
    return f"Δ of {task} is a mean over {metrics}: there is no one value to show in its place."


def layers_input() -> Layers:
    """Ask what is drawn besides measured networks."""
    shown = several(
        "Also draw", list(_LAYERS), [], "also", labels=_LAYERS,
        help=explain_options({"Predicted": "layer predicted", "From papers": "layer published"}),
    )  # fmt: skip
    return Layers(PREDICTED in shown, PUBLISHED in shown)
