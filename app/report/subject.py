"""The study that a report is about, with the plane that the Budget page would show of it."""

from dataclasses import dataclass
from functools import cached_property

from app.compare.kept import CompareScene
from app.compare.model import CompareView
from app.compare.picture import Layers
from app.overview.model import Recommendation, recommendation
from app.plane.scene import Scene
from app.ui.inputs import DEFAULT_BUDGET, DEFAULT_TOLERANCE
from core.affinity.evidence import evidence_of_losses
from core.affinity.recombined import RecombinedLosses
from core.costs import CostQuestion, Unit, block_costs
from core.errors import BudgetError
from core.estimators.basis import usual_estimator
from core.estimators.prediction import Estimator
from core.estimators.weights import WeightRule
from core.families.layouts.baselines import Baseline
from core.families.layouts.predictions import available_units, budget_view
from core.families.layouts.trained import TrainedView
from core.families.recombined.losses import bundled_losses, stored_losses
from core.selection.budget import RELATIVE_TOLERANCE, Budget
from core.studies.bundled import open_bundled, stored_or_bundled
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.study import Study
from core.studies.study_plane import StudyPlane

_BASELINE = "single"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a report is asked to show; None is what pages show.

    Args:
        budget: As people write it.
        unit: Unit of cost.
        weights: How tasks are weighted.
        estimator: How gains are predicted.
        tolerance: How much less gain than the best is as good, in percentage points.
    """

    budget: str | None = None
    unit: Unit | None = None
    weights: WeightRule = WeightRule.SVDE
    estimator: Estimator | None = None
    tolerance: float = DEFAULT_TOLERANCE


@dataclass(frozen=True, eq=False)
class Subject:
    """A study and what a report shows of it.

    Args:
        database: Where it may be stored.
        study: The study.
        is_stored: Whether it is read from the database, and not from the package.
        choices: What is asked of it.
    """

    database: Database
    study: Study
    is_stored: bool
    choices: Choices

    @cached_property
    def record(self) -> StudyRecord:
        """What is stored of the study beside its runs."""
        return self.database.record(self.study.name) if self.is_stored else open_bundled(self.study.name).record

    @cached_property
    def scene(self) -> Scene | None:
        """The plane of cost and gain; None where tasks share no inputs or nothing of layouts is measured."""
        study = self.study
        if not study.shares_inputs or not (study.table.is_measured or study.oracle):
            return None
        unit, oracle = self._unit, study.oracle
        view = budget_view(study, str(self.choices.weights), unit, self.estimator)
        trained = TrainedView(view, oracle) if oracle else None
        return Scene(view, trained, trained_shown=not study.table.is_measured)

    @cached_property
    def estimator(self) -> Estimator:
        """How gains of layouts are predicted."""
        return self.choices.estimator or usual_estimator(self.study.table)

    @property
    def _unit(self) -> Unit:
        known, asked = available_units(self.study), self.choices.unit
        if asked is not None and asked not in known:
            raise BudgetError(
                f'The backbone of "{self.study.name}" has no {asked} of its blocks. Choose from: {", ".join(known)}.'
            )
        return asked or known[0]

    @cached_property
    def compared(self) -> CompareScene | None:
        """The measured networks of all families on one plane; None where fewer than two families have any.

        Costs answer the question that their unit usually does, as on the other pages. Single-task networks are no
        family of their own: every gain is measured against them.
        """
        unit = self._unit
        view = CompareView(StudyPlane(self.study), CostQuestion.usual(unit), unit)
        found = {each.point.family for each in view.networks} - {_BASELINE}
        return CompareScene(view, Layers()) if len(found) > 1 else None

    @cached_property
    def budget(self) -> float:
        """The budget as a fraction of single-task networks, at most 1.

        Raises:
            BudgetError: It is none, or is less than one percent.
        """
        if self.choices.budget is None or (self.scene is None and self.compared is None):
            return DEFAULT_BUDGET / 100
        costs, n_tasks = block_costs(self.study.backbone, self._unit), self.study.n_tasks
        limit = Budget.parse(self.choices.budget).absolute(costs, n_tasks=n_tasks)
        fraction = min(1.0, limit / (n_tasks * float(costs.sum())))
        if fraction < 0.01 * (1 - RELATIVE_TOLERANCE):
            raise BudgetError(
                f"The budget {self.choices.budget[:40]} is less than 1 % of single-task networks. Give a larger one."
            )
        return fraction

    @cached_property
    def recommended(self) -> Recommendation | None:
        """What is recommended within the budget; None where nothing fits or no prediction is possible."""
        scene = self.scene
        if scene is None or scene.trained_shown:
            return None
        return recommendation(scene.view, scene.trained, self.budget, self.choices.tolerance)

    @cached_property
    def losses(self) -> RecombinedLosses | None:
        """The losses of recombined networks, from which affinities are made; None where none is trained."""
        name = self.study.name
        return stored_losses(self.database, name) if self.is_stored else bundled_losses(name)

    @cached_property
    def baselines(self) -> tuple[Baseline, ...]:
        """Ways to rank the trained layouts, ours first; none where no layout is trained."""
        trained = None if self.scene is None else self.scene.trained
        if trained is None:
            return ()
        found = self.losses
        complete = found is not None and found.is_complete and found.n_depths == self.study.n_blocks
        return trained.baselines(evidence_of_losses(found).distances() if found is not None and complete else None)


def subject_of(database: Database, name: str, choices: Choices) -> Subject:
    """Return a study, stored or bundled, as a report needs it.

    Raises:
        StudyError: There is none of that name, or what is stored is damaged.
    """
    return Subject(database, stored_or_bundled(database, name), database.has_study(name), choices)
