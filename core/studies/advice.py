"""What a family advises to train next, and what its user wants to know."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from core.costs import Unit
from core.layouts import Layout
from core.runs.frozen import Frozen
from core.selection.budget import USUAL_PERCENT
from core.selection.front_certainty import USUAL_TOLERANCE
from core.studies.submission import Submission

# A smaller gain is displayed as 0.
SMALLEST_GAIN = 0.005
MOST_MINUTES = 100_000
MOST_TRAININGS = 10_000


class Goal(Frozen):
    """Until when to train what tells most about the recommendation.

    Args:
        tolerance: Percentage points of Δ that the recommendation may be expected to lack of the best layout.
        minutes: Most minutes of training, or None.
        trainings: Most trainings.
        weights: How tasks are weighted: the name of a rule.
        unit: Unit of cost.
        budget: Most that a layout may cost, as a fraction of single-task networks.
    """

    tolerance: Annotated[float, Field(gt=0, le=100)] = USUAL_TOLERANCE
    minutes: Annotated[float, Field(gt=0, le=MOST_MINUTES)] | None = None
    trainings: Annotated[int, Field(ge=1, le=MOST_TRAININGS)] = 1000
    weights: Annotated[str, Field(max_length=40)] = "svde"
    unit: Unit = Unit.MACS
    budget: Annotated[float, Field(gt=0, le=1)] = USUAL_PERCENT / 100


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A training that could be made next.

    Args:
        tasks: The pair of tasks; empty for a whole layout.
        branch_point: Leading blocks the pair shares; 0 for a whole layout.
        layout: Trained as it is; None for a pair.
        seeds: It is trained from.
        measured: Whether the pair is measured from other seeds.
        times: How often it pays to be repeated, each time from further seeds; its gain is that of all together.
        gain: How much better the layout recommended afterwards is expected to be, in percentage points of Δ.
        change_probability: How likely another layout is recommended afterwards.
        seconds: Estimated.
        request: Trains it; None for a study that trains nothing.
    """

    tasks: tuple[int, ...]
    branch_point: int
    layout: Layout | None
    seeds: tuple[int, ...]
    measured: bool
    times: int
    gain: float
    change_probability: float
    seconds: float
    request: Submission | None


@dataclass(frozen=True, slots=True)
class Advice:
    """What is recommended now, how sure that is, and what to train next.

    Args:
        layout: Recommended within the budget.
        gain: Its expected Δ in percent.
        loss: What the best layout is expected to gain beyond it, in percentage points.
        probability: How likely it lacks no more than the tolerance.
        next: The best trainings, each once those before it are made; empty where none is expected to help.
        knows_every_task: Whether each task was measured beside another one. Before, the size of its gains is a guess,
            and so are loss and probability.
    """

    layout: Layout
    gain: float
    loss: float
    probability: float
    next: tuple[Suggestion, ...]
    knows_every_task: bool = True
