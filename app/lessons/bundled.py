"""What lessons read of bundled studies: each once per process, and never a stored study of the same name."""

from functools import lru_cache

from app.plane.scene import Scene
from app.ui import cached
from core.affinity.recombined import RecombinedLosses
from core.costs import Unit
from core.errors import StudyError
from core.estimators.prediction import Estimator
from core.estimators.weights import WeightRule
from core.families.layouts.predictions import budget_view
from core.families.layouts.trained import TrainedView
from core.families.recombined.losses import bundled_losses
from core.studies.study import Study


def study(name: str) -> Study:
    """Return a bundled study; shared with the pages.

    Raises:
        StudyError: There is none of that name.
    """
    found: Study = cached.bundled(name)
    return found


@lru_cache(maxsize=4)
def losses(name: str) -> RecombinedLosses:
    """Return the losses of a bundled study's recombined networks.

    Raises:
        StudyError: The study has none.
    """
    found = bundled_losses(name)
    if found is None:
        raise StudyError(f'The bundled study "{name}" has no recombined networks. Write the lesson about another one.')
    return found


@lru_cache(maxsize=8)
def scene(
    name: str,
    unit: Unit = Unit.PARAMETERS,
    rule: WeightRule = WeightRule.SVDE,
    estimator: Estimator = Estimator.BAYES,
) -> Scene:
    """Return the plane of cost and gain of a bundled study, as Budget draws it.

    Args:
        name: Of the study.
        unit: Unit of cost.
        rule: How tasks are weighted in the score.
        estimator: How gains are predicted.
    """
    found = study(name)
    view = budget_view(found, str(rule), unit, estimator)
    oracle = found.oracle
    return Scene(view, TrainedView(view, oracle) if oracle else None, trained_shown=not found.table.is_measured)
