"""A second Pareto front in the plane: of another estimator, or of another study."""

from app.charts.plane import Point, SecondFront
from app.charts.svg import shortened
from app.plane.scene import Scene
from app.ui import cached
from app.ui.formatting import ESTIMATOR_WORDS
from app.ui.inputs import estimators_of
from app.ui.url_state import name_choice
from core.errors import BranchwiseError
from core.estimators.basis import usual_estimator
from core.estimators.prediction import Estimator
from core.families.layouts.predictions import available_units

NOTHING = "none"
# In codes of the URL before the name of an estimator or of a study.
ESTIMATOR, STUDY = "estimator:", "study:"
_LETTERS = 32


def second_front_input(scene: Scene) -> tuple[SecondFront | None, str]:
    """Ask which front is drawn beside that of the plane.

    Args:
        scene: The plane.

    Returns:
        The front, None where there is no other; and what has to be said of it, empty where nothing has.
    """
    view, names = scene.view, cached.study_names()
    own = view.study.name
    labels = {NOTHING: "None"}
    if view.study.table.is_measured:
        labels |= {
            f"{ESTIMATOR}{each}": f"{ESTIMATOR_WORDS[each]} estimator"
            for each in estimators_of(view.study)
            if each is not view.estimator or scene.trained_shown
        }
    labels |= {f"{STUDY}{name}": names[name] for name in sorted(names) if name != own}
    chosen = name_choice("Second front", list(labels), "second", labels=labels, width=190)
    if chosen is None or chosen == NOTHING:
        return None, ""
    if chosen.startswith(ESTIMATOR):
        estimator = Estimator(chosen.removeprefix(ESTIMATOR))
        found = cached.scene(own, str(view.weights.rule), view.unit, False, estimator)
        return second_front(found, f"{labels[chosen]}, predicted"), ""
    try:
        other = _of_study(scene, chosen.removeprefix(STUDY))
    except BranchwiseError as fault:
        return None, f"No second front: {fault}"
    title = labels[chosen]
    if other is None:
        return None, f"No second front: “{title}” has no layouts with a gain and a cost in this unit."
    said = (
        f"The second front is of “{title}”: its own tasks, data and single-task networks are the 100 % and the 0 of it "
        f"({other.provenance})."
    )
    return second_front(other, shortened(title, _LETTERS)), said


def second_front(scene: Scene, words: str) -> SecondFront:
    """Return the Pareto front of a plane as the second one of another.

    Args:
        scene: Whose front it is.
        words: What the legend calls it.
    """
    points = tuple(Point(scene.view.fraction(each.cost), each.score) for each in scene.front)
    return SecondFront(points, words, scene.provenance)


def _of_study(scene: Scene, name: str) -> Scene | None:
    """Return the plane of another study with the same choices; None where it has none."""
    study, view = cached.study(name), scene.view
    if not study.shares_inputs or view.unit not in available_units(study):
        return None
    if not (study.table.is_measured or study.oracle is not None):
        return None
    shown = scene.trained_shown and study.oracle is not None
    estimator = view.estimator if view.estimator in estimators_of(study) else usual_estimator(study.table)
    return cached.scene(name, str(view.weights.rule), view.unit, shown, estimator)
